// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Which certificates shall end early, and why. `serial` names one; otherwise all that match every other member. At least one
/// of them is needed.
package struct RevocationRequest: RequestDocument {
    package var serial: String?
    /// With `serial`: needed where CAs of several kinds issued it.
    package var kind: CertificateKind?
    package var user: String?
    package var host: String?
    package var role: String?
    package var rule: String?
    /// The digest of the policy set they were issued under.
    package var policy: String?
    /// Id of the enrolment token that they came of; none of these is renewed any more.
    package var enrolment: String?
    package var issuedFrom: Date?
    package var issuedBefore: Date?
    package var cause: RevocationCauseName?
    package var reason: String
    /// Only say what would be revoked.
    package var dryRun: Bool?

    package init(reason: String) {
        self.reason = reason
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case serial, kind, user, host, role, rule, policy, enrolment, cause, reason
        case issuedFrom = "issued_from"
        case issuedBefore = "issued_before"
        case dryRun = "dry_run"
    }
}

/// RFC 5280 §5.3.1.
package enum RevocationCauseName: String, Codable, Sendable, CaseIterable {
    case unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation, certificateHold, privilegeWithdrawn
}

package struct RevocationReply: Codable, Sendable {
    /// How many were revoked, or would be.
    package var count: Int
    /// The first thousand of them.
    package var certificates: [CertificateSummary]
    /// What does not learn of it accepts them until then at the latest; absent where only sessions ended.
    package var exposedUntil: Date?
    /// Of the key revocation list that names them; absent where it names none of them, or is not built yet.
    package var revocationListVersion: UInt64?
    /// Of the one before.
    package var previousListVersion: UInt64?
    /// How many of them are accepted until they end, because they say `noRevAvail` (RFC 9608).
    package var notEnforceable: Int

    package init(
        count: Int, certificates: [CertificateSummary], exposedUntil: Date?, revocationListVersion: UInt64? = nil,
        previousListVersion: UInt64? = nil, notEnforceable: Int
    ) {
        self.count = count
        self.notEnforceable = notEnforceable
        self.certificates = certificates
        self.exposedUntil = exposedUntil
        self.revocationListVersion = revocationListVersion
        self.previousListVersion = previousListVersion
    }

    enum CodingKeys: String, CodingKey {
        case count, certificates
        case revocationListVersion = "krl_version"
        case previousListVersion = "previous_krl_version"
        case exposedUntil = "exposed_until"
        case notEnforceable = "not_enforceable"
    }
}

/// Takes back a hold.
package struct ReleaseRequest: RequestDocument {
    package var serial: String
    package var kind: CertificateKind?
    package var reason: String

    package init(serial: String, kind: CertificateKind?, reason: String) {
        self.serial = serial
        self.kind = kind
        self.reason = reason
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case serial, kind, reason
    }
}

/// The KRL for sshd's `RevokedKeys`.
package struct RevokedKeysDocument: Codable, Sendable {
    /// Never install one with a lower version over one with a higher.
    package var version: UInt64
    /// Base64 of the KRL.
    package var krl: String
    /// Armored SSHSIG of the SSH user CA over the KRL, in the namespace `krl@mayfly`.
    package var signature: String

    package init(version: UInt64, krl: String, signature: String) {
        self.version = version
        self.krl = krl
        self.signature = signature
    }
}

/// The revocation lists of the X.509 CAs, as PEM.
package struct RevocationListsDocument: Codable, Sendable {
    /// The numbers of the lists below in their order, hexadecimal and joined by `-`.
    package var version: String
    /// Of the issuing CA.
    package var issuing: String
    /// Of the root; absent where `init` was an older one, which made none.
    package var root: String?
    /// When a list that ends first does.
    package var nextUpdate: Date

    package init(version: String, issuing: String, root: String?, nextUpdate: Date) {
        self.version = version
        self.issuing = issuing
        self.root = root
        self.nextUpdate = nextUpdate
    }

    enum CodingKeys: String, CodingKey {
        case version, issuing, root
        case nextUpdate = "next_update"
    }
}
