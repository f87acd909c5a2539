// SPDX-License-Identifier: Apache-2.0

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
        /// In the order of `ListShard.allCases`; empty where certificates name the full list.
        package let shards: [SignedRevocationList]
        /// Whether servers are to have it: those whose CA is retired no longer know who signed it.
        package let isInstalled: Bool
    }

    /// What servers install together: full lists.
    package var installed: [SignedRevocationList] { all.filter(\.isInstalled).map(\.full) }

    package var pem: String { installed.map(\.pem).joined() }
}

/// What everybody may fetch: the newest lists, and for those who wait, the next ones.
package final class PublishedLists: Sendable {
    private let newestKeys = Newest<RevokedKeys>()
    private let newestCertificates = Newest<CertificateLists>()
    /// The last event of the log of which the keys know all.
    private let covered = Newest<Int64>()

    package init() {}

    package var keys: RevokedKeys? { newestKeys.value }
    package var certificates: CertificateLists? { newestCertificates.value }

    func publish(_ keys: RevokedKeys) { newestKeys.publish(keys) }

    func publish(_ certificates: CertificateLists) { newestCertificates.publish(certificates) }

    /// Whatever was revoked up to that event of the log is in the keys that were published.
    func cover(upTo event: Int64) { covered.publish(event) }

    /// The KRL once it is newer than `version`, or nil when none came in time.
    package func keys(after version: UInt64, within time: Duration) async -> RevokedKeys? {
        await newestKeys.value(within: time) { $0.version > version }
    }

    /// The KRL once it knows of that event of the log, or nil when that took too long.
    package func keys(covering event: Int64, within time: Duration) async -> RevokedKeys? {
        await covered.value(within: time) { $0 >= event } == nil ? nil : keys
    }

    /// The lists once they are wanted, or nil when none were in time.
    package func certificates(
        within time: Duration, where isWanted: @escaping @Sendable (CertificateLists) -> Bool
    ) async -> CertificateLists? {
        await newestCertificates.value(within: time, where: isWanted)
    }
}
