// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The newest of something that is published again and again.
final class Newest<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiting: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
    }

    private struct Waiter {
        let isWanted: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private let state = Mutex(State())

    /// More machines than one server is for; those above are answered without waiting.
    private var mostWaiting: Int { 20_000 }

    var value: Value? { state.withLock { $0.value } }

    func publish(_ value: Value) { update { _ in value } }

    func update(_ change: (Value?) -> Value) {
        let served = state.withLock { state in
            let value = change(state.value)
            state.value = value
            let served = state.waiting.filter { $0.value.isWanted(value) }
            for id in served.keys { state.waiting.removeValue(forKey: id) }
            return served.values
        }
        for waiter in served { waiter.continuation.resume() }
    }

    /// Once it is wanted, or nil when it was not in time.
    func value(within time: Duration, where isWanted: @escaping @Sendable (Value) -> Bool) async -> Value? {
        if let value, isWanted(value) { return value }
        if time > .zero {
            await withTaskGroup { group in
                group.addTask { await self.next(where: isWanted) }
                group.addTask { try? await Task.sleep(for: time) }
                await group.next()
                group.cancelAll()
            }
        }
        return value.flatMap { isWanted($0) ? $0 : nil }
    }

    /// Returns once what is there is wanted, or when the task is cancelled.
    private func next(where isWanted: @escaping @Sendable (Value) -> Bool) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard state.value.map({ !isWanted($0) }) ?? true, !Task.isCancelled, state.waiting.count < mostWaiting
                    else { return false }
                    state.waiting[id] = Waiter(isWanted: isWanted, continuation: continuation)
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.continuation.resume()
        }
    }
}
