// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Asks for an SSH user certificate. Without `role`, the role with the fewest rights that reaches `host` is taken.
package struct SSHCertificateRequest: RequestDocument {
    package var role: String?
    /// One line as in `id_ed25519.pub`.
    package var publicKey: String
    package var host: String?
    package var logins: [String]?
    /// Whole seconds.
    package var lifetime: Int?
    package var reason: String?
    package var ticket: String?
    /// The grant to use; by default whichever permits it.
    package var grant: String?

    package init(
        role: String?, publicKey: String, host: String? = nil, logins: [String]? = nil, lifetime: Int? = nil,
        reason: String? = nil, ticket: String? = nil, grant: String? = nil
    ) {
        self.role = role
        self.publicKey = publicKey
        self.host = host
        self.logins = logins
        self.lifetime = lifetime
        self.reason = reason
        self.ticket = ticket
        self.grant = grant
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case role, host, logins, lifetime, reason, ticket, grant
        case publicKey = "public_key"
    }
}

package struct SSHHostCertificateRequest: RequestDocument {
    package var role: String
    package var publicKey: String
    package var host: String
    package var lifetime: Int?
    package var reason: String?
    package var ticket: String?
    package var grant: String?

    package init(
        role: String, publicKey: String, host: String, lifetime: Int? = nil, reason: String? = nil, ticket: String? = nil,
        grant: String? = nil
    ) {
        self.role = role
        self.publicKey = publicKey
        self.host = host
        self.lifetime = lifetime
        self.reason = reason
        self.ticket = ticket
        self.grant = grant
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case role, host, lifetime, reason, ticket, grant
        case publicKey = "public_key"
    }
}

package struct X509CertificateRequest: RequestDocument {
    package var role: String
    /// PEM PKCS#10. Names in it count as asked for; the policy decides.
    package var csr: String
    package var lifetime: Int?
    package var reason: String?
    package var ticket: String?
    package var grant: String?

    package init(
        role: String, csr: String, lifetime: Int? = nil, reason: String? = nil, ticket: String? = nil, grant: String? = nil
    ) {
        self.role = role
        self.csr = csr
        self.lifetime = lifetime
        self.reason = reason
        self.ticket = ticket
        self.grant = grant
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case role, csr, lifetime, reason, ticket, grant
    }
}

package struct IssuedCertificate: Codable, Sendable {
    package var kind: CertificateKind
    /// SSH: decimal. X.509: hexadecimal.
    package var serial: String
    /// SSH: the line of a `-cert.pub` file. X.509: PEM of the leaf.
    package var certificate: String
    /// X.509: PEM of the issuing CA, to send after the leaf.
    package var chain: String?
    package var role: String
    package var rule: String
    package var validAfter: Date
    package var validBefore: Date
    /// The grant it was issued under.
    package var grant: String?
    /// What is narrower than asked, and why.
    package var narrowed: [String]

    package init(
        kind: CertificateKind, serial: String, certificate: String, chain: String?, role: String, rule: String,
        validAfter: Date, validBefore: Date, grant: String? = nil, narrowed: [String]
    ) {
        self.kind = kind
        self.serial = serial
        self.certificate = certificate
        self.chain = chain
        self.role = role
        self.rule = rule
        self.validAfter = validAfter
        self.validBefore = validBefore
        self.grant = grant
        self.narrowed = narrowed
    }

    enum CodingKeys: String, CodingKey {
        case kind, serial, certificate, chain, role, rule, grant, narrowed
        case validAfter = "valid_after"
        case validBefore = "valid_before"
    }
}

package enum CertificateKind: String, Codable, Sendable, CaseIterable {
    case ssh
    case sshHost = "ssh-host"
    case x509
    case session
    case server
}

/// One line of the inventory.
package struct CertificateSummary: Codable, Sendable {
    package var kind: CertificateKind
    package var serial: String
    package var user: String?
    package var role: String
    package var rule: String
    package var names: [String]
    package var validAfter: Date
    package var validBefore: Date
    package var revokedAt: Date?
    package var revocationReason: String?
    /// The grant it was issued under.
    package var grant: String?
    /// Id of the enrolment token that it came of.
    package var enrolment: String?

    package init(
        kind: CertificateKind, serial: String, user: String?, role: String, rule: String, names: [String],
        validAfter: Date, validBefore: Date, revokedAt: Date?, revocationReason: String?, grant: String? = nil,
        enrolment: String? = nil
    ) {
        self.kind = kind
        self.serial = serial
        self.user = user
        self.role = role
        self.rule = rule
        self.names = names
        self.validAfter = validAfter
        self.validBefore = validBefore
        self.revokedAt = revokedAt
        self.revocationReason = revocationReason
        self.grant = grant
        self.enrolment = enrolment
    }

    enum CodingKeys: String, CodingKey {
        case kind, serial, user, role, rule, names, grant, enrolment
        case validAfter = "valid_after"
        case validBefore = "valid_before"
        case revokedAt = "revoked_at"
        case revocationReason = "revocation_reason"
    }
}

/// A page of the inventory, newest first. `next` is the `before` of the following page.
package struct CertificateList: Codable, Sendable {
    package var certificates: [CertificateSummary]
    package var next: Int?

    package init(certificates: [CertificateSummary], next: Int?) {
        self.certificates = certificates
        self.next = next
    }
}
