// SPDX-License-Identifier: Apache-2.0

import Synchronization
package import X509Certificates

package import struct FoundationEssentials.Date

/// A KRL for sshd's `RevokedKeys`, and a signature beside it: sshd takes no KRL that is signed inside.
package struct RevokedKeys: Sendable, Equatable {
    /// Higher than that of every earlier one; stands in the KRL.
    package let version: UInt64
    package let krl: [UInt8]
    /// Armored SSHSIG of the user CA over `krl`, in the namespace of `KeyRevocationList`.
    package let signature: String
    /// Certificates in it.
    package let count: Int
    package let madeAt: Date
}

/// The revocation lists of an X.509 CA that were published last.
package struct CertificateLists: Sendable {
    package let number: RevocationListNumber
    package let full: SignedRevocationList
    /// What changed since the regular full list before; nil until there were two lists.
    package let delta: SignedRevocationList?
    package let count: Int
    package let thisUpdate: Date
    package let nextUpdate: Date
}

/// What everybody may fetch: the newest lists, and for those who wait, the next KRL.
package final class PublishedLists: Sendable {
    private struct State {
        var keys: RevokedKeys?
        /// The last event of the log of which `keys` knows all.
        var covered: Int64 = -1
        var certificates: CertificateLists?
        /// For newer keys, and for more that they cover.
        var waitingForKeys = Waiting()
        var waitingForCover = Waiting()
    }

    private struct Waiting {
        var all: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    /// More hosts than one server is for; those above are answered without waiting.
    private static let mostWaiting = 20_000

    package init() {}

    package var keys: RevokedKeys? { state.withLock { $0.keys } }
    package var certificates: CertificateLists? { state.withLock { $0.certificates } }

    func publish(_ keys: RevokedKeys) {
        let waiting = state.withLock { state in
            state.keys = keys
            defer { state.waitingForKeys.all = [:] }
            return state.waitingForKeys.all.values
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Whatever was revoked up to that event of the log is in the keys that were published.
    func cover(upTo event: Int64) {
        let waiting = state.withLock { state in
            state.covered = event
            defer { state.waitingForCover.all = [:] }
            return state.waitingForCover.all.values
        }
        for continuation in waiting { continuation.resume() }
    }

    func publish(_ certificates: CertificateLists) {
        state.withLock { $0.certificates = certificates }
    }

    /// The KRL once it is newer than `version`, or nil when none came in time.
    package func keys(after version: UInt64, within time: Duration) async -> RevokedKeys? {
        await wait(among: \.waitingForKeys, within: time) { $0.keys.map { $0.version > version } ?? false }
        return keys.flatMap { $0.version > version ? $0 : nil }
    }

    /// The KRL once it knows of that event of the log, or nil when that took too long.
    package func keys(covering event: Int64, within time: Duration) async -> RevokedKeys? {
        await wait(among: \.waitingForCover, within: time) { $0.covered >= event }
        return state.withLock { $0.covered >= event ? $0.keys : nil }
    }

    /// Returns when `condition` holds, at the next change of what is waited for, and in any case after `time`.
    private func wait(
        among path: any WritableKeyPath<State, Waiting> & Sendable, within time: Duration,
        until condition: @escaping @Sendable (State) -> Bool
    ) async {
        guard time > .zero, !state.withLock({ condition($0) }) else { return }
        await withTaskGroup { group in
            group.addTask { await self.next(among: path, until: condition) }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Returns at the next change, or when the task is cancelled.
    private func next(
        among path: any WritableKeyPath<State, Waiting> & Sendable, until condition: @Sendable (State) -> Bool
    ) async {
        let id = state.withLock { state in
            state[keyPath: path].next += 1
            return state[keyPath: path].next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard !condition(state), !Task.isCancelled, state[keyPath: path].all.count < Self.mostWaiting else {
                        return false
                    }
                    state[keyPath: path].all[id] = continuation
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0[keyPath: path].all.removeValue(forKey: id) }?.resume()
        }
    }
}
