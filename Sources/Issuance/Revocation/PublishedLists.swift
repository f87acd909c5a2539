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

/// The revocation lists of the issuing CAs that were published last, all at once and under one number.
package struct CertificateLists: Sendable {
    package let number: RevocationListNumber
    /// First those of the CA that signs certificates.
    package let all: [IssuerLists]
    package let count: Int
    package let thisUpdate: Date
    /// When the one that ends first does.
    package let nextUpdate: Date

    package struct IssuerLists: Sendable {
        /// What they are called where they are published.
        package let name: String
        package let full: SignedRevocationList
        /// What changed since the regular full list before; nil until there were two lists.
        package let delta: SignedRevocationList?
    }

    /// All full ones.
    package var pem: String { all.map(\.full.pem).joined() }
}

/// What everybody may fetch: the newest lists, and for those who wait, the next KRL.
package final class PublishedLists: Sendable {
    private struct State {
        var keys: RevokedKeys?
        var certificates: CertificateLists?
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
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
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    func publish(_ certificates: CertificateLists) {
        state.withLock { $0.certificates = certificates }
    }

    /// The KRL once it is newer than `version`, or nil when none came in time.
    package func keys(after version: UInt64, within time: Duration) async -> RevokedKeys? {
        if let keys = newer(than: version) { return keys }
        if time > .zero {
            await withTaskGroup { group in
                group.addTask { await self.nextKeys(after: version) }
                group.addTask { try? await Task.sleep(for: time) }
                await group.next()
                group.cancelAll()
            }
        }
        return newer(than: version)
    }

    private func newer(than version: UInt64) -> RevokedKeys? {
        keys.flatMap { $0.version > version ? $0 : nil }
    }

    /// Returns at the next publication, or when the task is cancelled.
    private func nextKeys(after version: UInt64) async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard state.keys.map({ $0.version <= version }) ?? true, !Task.isCancelled,
                        state.waiting.count < Self.mostWaiting
                    else { return false }
                    state.waiting[id] = continuation
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }
}
