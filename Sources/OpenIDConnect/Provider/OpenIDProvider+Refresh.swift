// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Refresh tokens (OpenID Connect Core §12): whether a person is still who they were at login.
extension OpenIDProvider {
    /// What a login yields.
    package struct LoginAnswer: Sendable {
        package let token: VerifiedToken
        /// Where the provider gave one.
        package let refreshToken: RefreshToken?
    }

    /// New tokens, not looked at yet.
    package struct Refreshed: Sendable {
        let reply: TokenReply
        /// In place of the one that was shown, which may be void from now on (RFC 6749 §6): to be kept before anything else.
        package let rotated: RefreshToken?
    }

    /// - Throws: `ProviderError`, `.refused` where the provider no longer takes the token.
    package func refresh(_ token: RefreshToken, now: Date) async throws -> Refreshed {
        let reply = try await requestToken(
            [("grant_type", "refresh_token"), ("refresh_token", token.text)], try await metadata.value(now: now))
        return Refreshed(reply: reply, rotated: reply.refreshToken == token ? nil : reply.refreshToken)
    }

    /// Has the provider take the token, and what was given with it, no longer (RFC 7009).
    /// - Throws: `ProviderError`, `.unsupported` where it has no place to say so.
    package func revoke(_ token: RefreshToken, now: Date) async throws {
        let metadata = try await metadata.value(now: now)
        guard let endpoint = metadata.revocation else { throw ProviderError.unsupported("the revocation of tokens") }
        let (form, authorization) = authenticated(
            [("token", token.text), ("token_type_hint", "refresh_token")], metadata)
        try await connection.tell(endpoint, form: form, authorization: authorization, .revocation)
    }

    /// What the provider says of the person now. A provider may leave out the ID token here (§12.2); then userinfo says it all.
    /// - Parameter subject: of the login.
    /// - Throws: `ProviderError`, `TokenError`
    package func verify(
        _ refreshed: Refreshed, subject: String, asksUserInfo: Bool, now: Date
    ) async throws -> VerifiedToken {
        if refreshed.reply.idToken == nil, asksUserInfo {
            let known = VerifiedToken(subject: subject, claims: ["sub": .string(subject)], expires: now)
            return try await completed(known, with: refreshed.reply.accessToken, now: now)
        }
        let token = try await verifyLogin(refreshed.reply, nonce: nil, asksUserInfo: asksUserInfo, now: now).token
        guard token.subject.utf8.elementsEqual(subject.utf8) else { throw TokenError.otherSubject }
        return token
    }
}

extension ProviderError {
    /// Whether it says nothing of the person: the provider is ill, or takes us for somebody else.
    package var isOfProvider: Bool {
        guard case .refused(let code) = self else { return true }
        // Not `invalid_request`: what providers built on Authlib say of somebody whose account is locked.
        return [
            "invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type",
            "temporarily_unavailable", "server_error", "slow_down",
        ].contains(code)
    }
}
