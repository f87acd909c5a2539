// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials

/// One identity provider, whose client this server is. Nothing that starts or is asked for waits for it but a login with it,
/// so one that is down keeps nothing else from working.
package struct OpenIDProvider: Sendable {
    package let issuer: ProviderURL
    package let client: Client
    let connection: ProviderConnection
    let metadata: CachedDocument<ProviderMetadata>
    private let keys: CachedDocument<KeySet>

    /// What the provider knows us by.
    package struct Client: Sendable {
        package let id: String
        /// Nil for a public client, which has none.
        let secret: String?

        package init(id: String, secret: String?) {
            self.id = id
            self.secret = secret
        }
    }

    package init(issuer: ProviderURL, client: Client, connection: ProviderConnection) {
        self.issuer = issuer
        self.client = client
        self.connection = connection
        let metadata = CachedDocument<ProviderMetadata> { _ throws(ProviderError) in
            let base = issuer.text.hasSuffix("/") ? String(issuer.text.dropLast()) : issuer.text
            let url = try ProviderURL(base + "/.well-known/openid-configuration")
            return try ProviderMetadata(parsing: try await connection.get(url, .configuration), issuer: issuer)
        }
        self.metadata = metadata
        keys = CachedDocument { now throws(ProviderError) in
            let url = try await metadata.value(now: now).keys
            return try await KeySet(parsing: try await connection.get(url, .keys))
        }
    }

    /// Asks for its configuration anew, and for its keys where they are not at hand or could not be had the last time.
    /// - Parameter isUrgent: whether what was known ten seconds ago is too old.
    package func look(now: Date, isUrgent: Bool = false) async {
        let pause = isUrgent ? CachedDocument<ProviderMetadata>.shortestPause : nil
        guard (try? await metadata.refreshed(now: now, after: pause)) != nil else { return }
        if await keys.condition?.trouble == nil {
            _ = try? await keys.value(now: now)
        } else {
            _ = try? await keys.refreshed(now: now)
        }
    }

    /// What keeps people from logging in: it does not answer now, or there are no keys to verify their logins with.
    package func obstacle(now: Date) async -> ProviderCondition.Trouble? {
        await look(now: now, isUrgent: true)
        if let trouble = await metadata.condition?.trouble { return trouble }
        do {
            _ = try await keys.value(now: now)
            return nil
        } catch {
            return await keys.condition?.trouble
        }
    }

    /// How it was when it was asked last; nil before that.
    package var condition: ProviderCondition? {
        get async {
            let configuration = await metadata.condition
            guard configuration?.trouble == nil, let keys = await keys.condition, keys.trouble != nil else {
                return configuration
            }
            return keys
        }
    }

    /// What a token says that a workload brought.
    /// - Parameter audience: that it must be meant for, alone.
    /// - Throws: `TokenError`, `ProviderError`
    package func verifyWorkload(_ token: String, audience: String, now: Date) async throws -> VerifiedToken {
        try await verified(
            token, TokenRules(issuer: issuer.text, audience: audience, purpose: .workload), now: now)
    }

    /// What the provider says about a login that is over.
    /// - Throws: `TokenError`, `ProviderError`
    package func verifyLogout(_ token: String, now: Date) async throws -> LogoutToken {
        let verified = try await verified(
            token, TokenRules(issuer: issuer.text, audience: client.id, purpose: .logout), .logout, now: now)
        return LogoutToken(
            subject: verified.subject.isEmpty ? nil : verified.subject, session: verified.providerSession,
            issued: Date(timeIntervalSince1970: verified.claims["iat"]?.seconds ?? 0), expires: verified.expires,
            uniqueID: verified.uniqueID)
    }

    func verifyLogin(_ token: String, nonce: String?, now: Date) async throws -> VerifiedToken {
        try await verified(
            token, TokenRules(issuer: issuer.text, audience: client.id, purpose: .login(nonce: nonce)), now: now)
    }

    private func verified(
        _ text: String, _ rules: TokenRules, _ kind: SignedToken.Kind = .identity, now: Date
    ) async throws -> VerifiedToken {
        let token = try SignedToken(parsing: text, kind)
        // Before the provider is asked for a key: who sends tokens of somebody else causes no traffic.
        guard token.claims["iss"]?.string == issuer.text else { throw TokenError.otherIssuer }
        guard try await key(of: token, rules.purpose, now: now).verifies(token) else { throw TokenError.signatureInvalid }
        var verified = try rules.check(token.claims, now: now)
        let id = token.claims["jti"]?.string.map { "jti \($0)" } ?? "text \(token.signedText)"
        verified.uniqueID = Base64URL.encode(SHA256.hash(data: Data("\(issuer.text) \(id)".utf8)))
        return verified
    }

    /// Looks at the provider once more for a key that is not known: it may have changed its keys a moment ago.
    ///
    /// The token of a login is the provider's own answer to a code that is spent by now. No stranger can make us look with one, so
    /// it waits for no pause.
    private func key(of token: SignedToken, _ purpose: TokenRules.Purpose, now: Date) async throws -> VerificationKey {
        if let key = try await keys.value(now: now).key(of: token) { return key }
        let pause: Double? = if case .login = purpose { 0 } else { nil }
        guard let key = try await keys.refreshed(now: now, after: pause).key(of: token) else { throw TokenError.unknownKey }
        return key
    }
}
