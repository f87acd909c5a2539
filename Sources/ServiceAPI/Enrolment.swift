// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Asks for a token with which one host or one machine may enrol: for the `host`, or for the `names` of the machine.
package struct EnrolmentTokenRequest: RequestDocument {
    package var role: String
    /// The host, or a pattern in which `*` stays within one label.
    package var host: String?
    /// DNS names, addresses, or patterns; its certificate is an X.509 one.
    package var names: [String]?
    /// Seconds; an hour where it is absent.
    package var lifetime: Int?

    package init(role: String, host: String? = nil, names: [String]? = nil, lifetime: Int? = nil) {
        self.role = role
        self.host = host
        self.names = names
        self.lifetime = lifetime
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case role, host, names, lifetime
    }
}

package struct EnrolmentTokenReply: Codable, Sendable {
    /// Secret, and shown this once.
    package var token: String
    /// What the log calls it.
    package var id: String
    package var role: String
    package var host: String?
    package var names: [String]?
    package var expiresAt: Date

    package init(token: String, id: String, role: String, host: String?, names: [String]?, expiresAt: Date) {
        self.token = token
        self.id = id
        self.role = role
        self.host = host
        self.names = names
        self.expiresAt = expiresAt
    }

    enum CodingKeys: String, CodingKey {
        case token, id, role, host, names
        case expiresAt = "expires_at"
    }
}

/// Has a token that nobody used taken no more.
package struct EnrolmentTokenCancellation: RequestDocument {
    /// What the log calls it.
    package var id: String
    package var reason: String

    package init(id: String, reason: String) {
        (self.id, self.reason) = (id, reason)
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id, reason
    }
}

/// A token without its secret.
package struct EnrolmentTokenSummary: Codable, Sendable {
    package var id: String
    package var role: String
    package var host: String?
    package var names: [String]?
    /// Provider and user.
    package var createdBy: String
    package var createdAt: Date
    package var expiresAt: Date

    package init(
        id: String, role: String, host: String?, names: [String]?, createdBy: String, createdAt: Date, expiresAt: Date
    ) {
        (self.id, self.role, self.host, self.names) = (id, role, host, names)
        (self.createdBy, self.createdAt, self.expiresAt) = (createdBy, createdAt, expiresAt)
    }

    enum CodingKeys: String, CodingKey {
        case id, role, host, names
        case createdBy = "created_by"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
    }
}

/// A page of the tokens that still let somebody in, by id. `next` is the `after` of the following page.
package struct EnrolmentTokenList: Codable, Sendable {
    package var tokens: [EnrolmentTokenSummary]
    package var next: String?

    package init(tokens: [EnrolmentTokenSummary], next: String?) {
        (self.tokens, self.next) = (tokens, next)
    }
}

/// Trades a token for the first certificate of a machine.
package struct MachineEnrolmentRequest: RequestDocument {
    package var token: String
    package var role: String
    /// PEM PKCS#10 with the names that are asked for.
    package var csr: String
    /// Whole seconds.
    package var lifetime: Int?
    package var reason: String?
    package var ticket: String?

    package init(
        token: String, role: String, csr: String, lifetime: Int? = nil, reason: String? = nil, ticket: String? = nil
    ) {
        self.token = token
        self.role = role
        self.csr = csr
        self.lifetime = lifetime
        self.reason = reason
        self.ticket = ticket
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case token, role, csr, lifetime, reason, ticket
    }
}

/// Trades the certificate that the TLS connection was opened with for a newer one.
package struct MachineRenewalRequest: RequestDocument {
    /// That of the certificate.
    package var role: String
    /// PEM PKCS#10 with names of that certificate, all or fewer.
    package var csr: String
    /// Whole seconds.
    package var lifetime: Int?
    package var reason: String?
    package var ticket: String?

    package init(role: String, csr: String, lifetime: Int? = nil, reason: String? = nil, ticket: String? = nil) {
        self.role = role
        self.csr = csr
        self.lifetime = lifetime
        self.reason = reason
        self.ticket = ticket
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case role, csr, lifetime, reason, ticket
    }
}
