// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Asks for a challenge to prove that one holds an SSH key of `user`.
package struct LoginChallengeRequest: RequestDocument {
    package var user: String
    /// SHA-256 of the DER `SubjectPublicKeyInfo` of the session key, base64url without padding.
    package var sessionKeyDigest: String

    package init(user: String, sessionKeyDigest: String) {
        self.user = user
        self.sessionKeyDigest = sessionKeyDigest
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case user
        case sessionKeyDigest = "session_key_digest"
    }
}

/// A challenge that is answered with an SSHSIG over `message` in the namespace `LoginMessage.namespace`.
package struct LoginChallenge: Codable, Sendable {
    /// Opaque to the client; comes back in `SessionRequest`.
    package var challenge: String
    package var expiresAt: Date

    package init(challenge: String, expiresAt: Date) {
        self.challenge = challenge
        self.expiresAt = expiresAt
    }

    enum CodingKeys: String, CodingKey {
        case challenge
        case expiresAt = "expires_at"
    }
}

/// The text an SSH key signs to log in. Both ends compose it from what each of them knows, so a signature made for
/// another server, user or session key does not verify: a challenge cannot be relayed.
package struct LoginMessage: Sendable {
    package static let namespace = "login@mayfly"

    package var serviceFingerprint: String
    package var user: String
    package var sessionKeyDigest: String
    package var challenge: String

    package init(serviceFingerprint: String, user: String, sessionKeyDigest: String, challenge: String) {
        self.serviceFingerprint = serviceFingerprint
        self.user = user
        self.sessionKeyDigest = sessionKeyDigest
        self.challenge = challenge
    }

    package var bytes: [UInt8] {
        Array(
            """
            mayfly login v1
            service: \(serviceFingerprint)
            user: \(user)
            session-key: \(sessionKeyDigest)
            challenge: \(challenge)

            """.utf8)
    }
}

/// Trades a signed challenge for a session certificate.
package struct SessionRequest: RequestDocument {
    package var user: String
    package var challenge: String
    /// Armored SSHSIG (`-----BEGIN SSH SIGNATURE-----`).
    package var signature: String
    /// PEM PKCS#10 request for the session key, which never leaves the device.
    package var csr: String

    package init(user: String, challenge: String, signature: String, csr: String) {
        self.user = user
        self.challenge = challenge
        self.signature = signature
        self.csr = csr
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case user, challenge, signature, csr
    }
}

package struct SessionReply: Codable, Sendable {
    /// PEM of the session certificate.
    package var certificate: String
    package var expiresAt: Date
    package var identity: WhoAmI

    package init(certificate: String, expiresAt: Date, identity: WhoAmI) {
        self.certificate = certificate
        self.expiresAt = expiresAt
        self.identity = identity
    }

    enum CodingKeys: String, CodingKey {
        case certificate
        case expiresAt = "expires_at"
        case identity
    }
}

package struct WhoAmI: Codable, Sendable {
    package var provider: String
    package var user: String?
    package var login: String?
    package var groups: [String]
    package var sessionExpiresAt: Date?

    package init(provider: String, user: String?, login: String?, groups: [String], sessionExpiresAt: Date?) {
        self.provider = provider
        self.user = user
        self.login = login
        self.groups = groups
        self.sessionExpiresAt = sessionExpiresAt
    }

    enum CodingKeys: String, CodingKey {
        case provider, user, login, groups
        case sessionExpiresAt = "session_expires_at"
    }
}
