// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// The identity providers one may log in with.
package struct LoginProviderList: Codable, Sendable {
    package var providers: [LoginProvider]

    package init(providers: [LoginProvider]) {
        self.providers = providers
    }
}

package struct LoginProvider: Codable, Sendable {
    package var name: String
    package var type: Kind
    /// Whether people may log in with it where there is no browser.
    package var deviceFlow: Bool
    /// The one port of 127.0.0.1 the browser can be sent back to; any will do where there is none.
    package var redirectPort: Int?
    /// Whether the server reached it when it looked last.
    package var available: Bool

    package enum Kind: String, Codable, Sendable {
        case people, workload
    }

    package init(name: String, type: Kind, deviceFlow: Bool, redirectPort: Int?, available: Bool) {
        self.name = name
        self.type = type
        self.deviceFlow = deviceFlow
        self.redirectPort = redirectPort
        self.available = available
    }

    enum CodingKeys: String, CodingKey {
        case name, type, available
        case deviceFlow = "device_flow"
        case redirectPort = "redirect_port"
    }
}

/// Begins a login in a browser.
package struct AuthorizationRequest: RequestDocument {
    package var provider: String
    /// SHA-256 of the DER `SubjectPublicKeyInfo` of the session key, base64url without padding: who may complete it.
    package var sessionKeyDigest: String
    /// The port of 127.0.0.1 on which the client waits for the browser.
    package var port: Int

    package init(provider: String, sessionKeyDigest: String, port: Int) {
        self.provider = provider
        self.sessionKeyDigest = sessionKeyDigest
        self.port = port
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case provider, port
        case sessionKeyDigest = "session_key_digest"
    }
}

package struct Authorization: Codable, Sendable {
    /// Where the person proves who they are. Sends the browser to `http://127.0.0.1:PORT/callback` afterwards.
    package var authorizationURL: String
    /// The redirect must have the same.
    package var state: String
    package var expiresAt: Date

    package init(authorizationURL: String, state: String, expiresAt: Date) {
        self.authorizationURL = authorizationURL
        self.state = state
        self.expiresAt = expiresAt
    }

    enum CodingKeys: String, CodingKey {
        case state
        case authorizationURL = "authorization_url"
        case expiresAt = "expires_at"
    }
}

/// Trades what the redirect brought for a session certificate.
package struct AuthorizationSessionRequest: RequestDocument {
    package var provider: String
    package var port: Int
    package var state: String
    package var code: String
    /// Where the redirect had one (RFC 9207).
    package var iss: String?
    /// PEM PKCS#10 request for the session key the login was begun with.
    package var csr: String

    package init(provider: String, port: Int, state: String, code: String, iss: String?, csr: String) {
        self.provider = provider
        self.port = port
        self.state = state
        self.code = code
        self.iss = iss
        self.csr = csr
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case provider, port, state, code, iss, csr
    }
}

/// Begins a login on another device (RFC 8628).
package struct DeviceRequest: RequestDocument {
    package var provider: String
    package var sessionKeyDigest: String

    package init(provider: String, sessionKeyDigest: String) {
        self.provider = provider
        self.sessionKeyDigest = sessionKeyDigest
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case provider
        case sessionKeyDigest = "session_key_digest"
    }
}

package struct Device: Codable, Sendable {
    /// Opaque to the client; comes back with each poll.
    package var device: String
    package var userCode: String
    package var verificationURI: String
    /// With the user code in it.
    package var verificationURIComplete: String?
    /// Seconds between two polls.
    package var interval: Int
    package var expiresAt: Date

    package init(
        device: String, userCode: String, verificationURI: String, verificationURIComplete: String?, interval: Int,
        expiresAt: Date
    ) {
        self.device = device
        self.userCode = userCode
        self.verificationURI = verificationURI
        self.verificationURIComplete = verificationURIComplete
        self.interval = interval
        self.expiresAt = expiresAt
    }

    enum CodingKeys: String, CodingKey {
        case device, interval
        case userCode = "user_code"
        case verificationURI = "verification_uri"
        case verificationURIComplete = "verification_uri_complete"
        case expiresAt = "expires_at"
    }
}

/// Asks whether the person has approved, and for the session certificate if so.
package struct DeviceSessionRequest: RequestDocument {
    package var provider: String
    package var device: String
    package var csr: String

    package init(provider: String, device: String, csr: String) {
        self.provider = provider
        self.device = device
        self.csr = csr
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case provider, device, csr
    }
}

/// Trades a workload's token for a session certificate.
package struct TokenSessionRequest: RequestDocument {
    /// May be left out where there is only one for workloads.
    package var provider: String?
    package var token: String
    package var csr: String

    package init(provider: String?, token: String, csr: String) {
        self.provider = provider
        self.token = token
        self.csr = csr
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case provider, token, csr
    }
}

/// How many sessions a provider has ended.
package struct LogoutReply: Codable, Sendable {
    package var ended: Int

    package init(ended: Int) {
        self.ended = ended
    }
}
