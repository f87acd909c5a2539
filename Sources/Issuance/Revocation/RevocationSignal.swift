// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Wakes whoever builds revocation lists. Signals that come while a list is being built are one when it is done.
package final class RevocationSignal: Sendable {
    private struct State {
        var count: UInt64 = 0
        var isPending = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    init() {}

    /// How many there were: what was looked up under an earlier one may have changed.
    var generation: UInt64 { state.withLock { $0.count } }

    func signal() {
        state.withLock { state in
            state.count += 1
            state.isPending = state.waiting == nil
            return state.waiting.take()
        }?.resume()
    }

    /// Returns at the next signal, or at once when one came since the last return; also when the task is cancelled.
    /// INVARIANT: one task waits at a time.
    package func next() async {
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
