// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Wakes a task that waits. Signals that come while it does not are one when it does.
final class Signal: Sendable {
    private struct State {
        var isPending = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func send() {
        state.withLock { state in
            state.isPending = state.waiting == nil
            return state.waiting.take()
        }?.resume()
    }

    /// Returns at the next signal, after `limit`, or when the task is cancelled.
    /// INVARIANT: one task waits at a time.
    func wait(atMost limit: Duration) async {
        await withTaskGroup { group in
            group.addTask { await self.next() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func next() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard !state.isPending, !Task.isCancelled else {
                        state.isPending = false
                        return false
                    }
                    state.waiting = continuation
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.take() }?.resume()
        }
    }
}
