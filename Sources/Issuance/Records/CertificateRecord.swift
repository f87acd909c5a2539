// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What is kept of every certificate, at least until it expires.
package struct CertificateRecord: Sendable, Equatable {
    package var kind: Kind
    /// `SHA256:…` of the issuing key; with `serial` it identifies the certificate.
    package var issuer: String
    /// SSH: decimal. X.509: 32 lower-case hexadecimal digits.
    package var serial: String
    package var provider: String
    package var user: String?
    package var role: String
    package var rule: String
    package var host: String?
    /// Principals, or subject and alternative names.
    package var names: [String]
    /// `SHA256:…` of the certified key.
    package var publicKey: String
    package var validAfter: Date
    /// The first second in which it is no longer accepted.
    package var validBefore: Date
    package var issuedAt: Date
    package var policy: String
    /// The SSH wire form or the DER.
    package var certificate: [UInt8]
    package var revokedAt: Date?
    package var revocationReason: String?
    package var revocationCause: RevocationCause?
    /// The grant it was issued under.
    package var grant: String?
    /// Id of the token that it came of: by it, or by renewals of what it gave. Of X.509 certificates only.
    package var enrolment: String?
    /// Position in the order of issuance; 0 until stored.
    package var number: Int = 0

    package enum Kind: String, Sendable, CaseIterable {
        case ssh
        case sshHost = "ssh-host"
        case x509
        case session
        case server
    }

    package init(
        kind: Kind, issuer: String, serial: String, provider: String, user: String?, role: String, rule: String,
        host: String?, names: [String], publicKey: String, validAfter: Date, validBefore: Date, issuedAt: Date,
        policy: String, certificate: [UInt8], revokedAt: Date? = nil, revocationReason: String? = nil,
        revocationCause: RevocationCause? = nil, grant: String? = nil, enrolment: String? = nil, number: Int = 0
    ) {
        self.kind = kind
        self.issuer = issuer
        self.serial = serial
        self.provider = provider
        self.user = user
        self.role = role
        self.rule = rule
        self.host = host
        self.names = names
        self.publicKey = publicKey
        self.validAfter = validAfter
        self.validBefore = validBefore
        self.issuedAt = issuedAt
        self.policy = policy
        self.certificate = certificate
        self.revokedAt = revokedAt
        self.revocationReason = revocationReason
        self.revocationCause = revocationCause
        self.grant = grant
        self.enrolment = enrolment
        self.number = number
    }
}

/// Every member that is set narrows the inventory.
package struct CertificateFilter: Sendable {
    package var kind: CertificateRecord.Kind?
    package var serial: String?
    package var user: String?
    package var role: String?
    package var host: String?
    package var rule: String?
    /// The digest of the policy set it was issued under.
    package var policy: String?
    package var issuedFrom: Date?
    package var issuedBefore: Date?
    package var grant: String?
    package var enrolment: String?
    /// Only those neither expired nor revoked at this time.
    package var activeAt: Date?
    /// Only those that have not expired at this time and are not revoked, or only held.
    package var revocableAt: Date?
    /// Only those issued before this number, for paging.
    package var before: Int?
    package var limit: Int

    package init(limit: Int) {
        self.limit = limit
    }
}
