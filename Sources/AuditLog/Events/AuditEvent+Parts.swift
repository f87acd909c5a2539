// SPDX-License-Identifier: Apache-2.0

extension AuditEvent {
    /// Who asks. In `login.denied` it is who they claim to be; everywhere else it was proven.
    package struct Actor: Sendable, Hashable, Codable {
        package var provider: String
        package var user: String?
        /// The Unix login.
        package var login: String?
        /// Sorted. Absent when the provider did not say; empty when it said "none".
        package var groups: [String]?
        /// Absent when the provider did not say; the same for each claim.
        package var claims: [String: AuditClaim]?
        package var mfa: Bool?
        /// When the person last proved themselves to the provider. Absent when the provider did not say.
        package var authenticatedAt: AuditTime?
        /// The network address the request came from.
        package var address: String?
        /// Serial of the session certificate.
        package var session: String?

        package init(
            provider: String, user: String? = nil, login: String? = nil, groups: [String]? = nil,
            claims: [String: AuditClaim]? = nil, mfa: Bool? = nil, authenticatedAt: AuditTime? = nil, address: String? = nil,
            session: String? = nil
        ) {
            self.provider = provider
            self.user = user
            self.login = login
            self.groups = groups
            self.claims = claims
            self.mfa = mfa
            self.authenticatedAt = authenticatedAt
            self.address = address
            self.session = session
        }

        enum CodingKeys: String, CodingKey {
            case provider, user, login, groups, claims, mfa, address, session
            case authenticatedAt = "authenticated_at"
        }
    }

    /// What was asked for, as it was asked: what the policy needs to decide again, and nothing else.
    package struct Request: Sendable, Hashable, Codable {
        /// Also in the service's logs and replies.
        package var id: String?
        package var role: String?
        /// Of the service itself, where no certificate was asked for.
        package var capability: String?
        /// Of a revocation, as RFC 5280 §5.3.1 calls it.
        package var cause: String?
        package var kind: CertificateKind?
        package var host: String?
        package var logins: [String]?
        /// X.509 names with their type: `DNS:web1.example.com`, `IP:…`, `email:…`, `URI:…`, `CN=…`, `O=…`.
        package var names: [String]?
        /// Seconds.
        package var lifetime: Int?
        package var reason: String?
        package var ticket: String?
        /// `SHA256:…` of the key to certify.
        package var publicKey: String?
        /// As the policy calls it: `ed25519`, `p256`, …
        package var keyType: String?
        /// `break-glass`, where it was asked for in so many words.
        package var route: String?

        package init(
            id: String? = nil, role: String? = nil, capability: String? = nil, cause: String? = nil,
            kind: CertificateKind? = nil, host: String? = nil, logins: [String]? = nil, names: [String]? = nil,
            lifetime: Int? = nil,
            reason: String? = nil, ticket: String? = nil, publicKey: String? = nil, keyType: String? = nil
        ) {
            self.id = id
            self.role = role
            self.capability = capability
            self.cause = cause
            self.kind = kind
            self.host = host
            self.logins = logins
            self.names = names
            self.lifetime = lifetime
            self.reason = reason
            self.ticket = ticket
            self.publicKey = publicKey
            self.keyType = keyType
        }

        enum CodingKeys: String, CodingKey {
            case id, role, capability, cause, kind, host, logins, names, lifetime, reason, ticket, route
            case publicKey = "public_key"
            case keyType = "key_type"
        }
    }

    package struct Decision: Sendable, Hashable, Codable {
        package var result: Result
        package var rule: String?
        /// Why not.
        package var reasons: [String]
        /// What was given narrower than asked.
        package var narrowed: [String]?

        package enum Result: String, Sendable, Codable, CaseIterable {
            case allow
            case deny
            /// The rule gives it only after an approval.
            case approvalNeeded = "approval-needed"
        }

        package init(result: Result, rule: String? = nil, reasons: [String] = [], narrowed: [String]? = nil) {
            self.result = result
            self.rule = rule
            self.reasons = reasons
            self.narrowed = narrowed
        }
    }

    package enum CertificateKind: String, Sendable, Codable, CaseIterable {
        case ssh
        case sshHost = "ssh-host"
        case x509
        case session
        case server
    }

    /// What was issued or revoked. Issuer and serial identify it; the rest is left out of a revocation.
    package struct Certificate: Sendable, Hashable, Codable {
        package var kind: CertificateKind
        /// SSH: decimal. X.509: hexadecimal.
        package var serial: String
        /// `SHA256:…` of the issuing key.
        package var issuer: String
        /// SSH: what sshd logs.
        package var keyID: String?
        /// SSH.
        package var principals: [String]?
        /// X.509, as in `Request.names`.
        package var names: [String]?
        package var validAfter: AuditTime?
        /// The first second in which it is no longer accepted.
        package var validBefore: AuditTime?
        /// SSH critical options and extensions; those without a value have an empty one.
        package var options: [String: String]?
        /// SHA-256 of the wire form or the DER, hexadecimal: the log vouches for these exact bytes.
        package var digest: String?

        package init(
            kind: CertificateKind, serial: String, issuer: String, keyID: String? = nil, principals: [String]? = nil,
            names: [String]? = nil, validAfter: AuditTime? = nil, validBefore: AuditTime? = nil,
            options: [String: String]? = nil, digest: String? = nil
        ) {
            self.kind = kind
            self.serial = serial
            self.issuer = issuer
            self.keyID = keyID
            self.principals = principals
            self.names = names
            self.validAfter = validAfter
            self.validBefore = validBefore
            self.options = options
            self.digest = digest
        }

        enum CodingKeys: String, CodingKey {
            case kind, serial, issuer, principals, names, options
            case keyID = "key_id"
            case validAfter = "valid_after"
            case validBefore = "valid_before"
            case digest = "sha256"
        }
    }

    /// Where a policy set came from, when it was read from signed commits.
    package struct PolicySource: Sendable, Hashable, Codable {
        /// The full id of the git commit.
        package var commit: String
        /// Principal and key of the signature, as git names them.
        package var signer: String

        package init(commit: String, signer: String) {
            self.commit = commit
            self.signer = signer
        }
    }

    /// The clock was set back beyond the event before, and somebody vouched for it.
    package struct Clock: Sendable, Hashable, Codable {
        /// Of the event before.
        package var from: AuditTime
        package var to: AuditTime

        package init(from: AuditTime, to: AuditTime) {
            self.from = from
            self.to = to
        }
    }

    /// A CA key used for something other than a certificate.
    package struct Key: Sendable, Hashable, Codable {
        /// `SHA256:…`.
        package var fingerprint: String
        /// What was signed, for instance `crl`.
        package var purpose: String

        package init(fingerprint: String, purpose: String) {
            self.fingerprint = fingerprint
            self.purpose = purpose
        }
    }
}
