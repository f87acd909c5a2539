// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Claims from the userinfo endpoint (OpenID Connect Core §5.3), for providers whose ID tokens say little.
extension OpenIDProvider {
    /// Of the login itself, which the ID token alone says, signed.
    private static var protocolClaims: Set<String> {
        ["iss", "sub", "aud", "exp", "iat", "nbf", "nonce", "azp", "acr", "amr", "auth_time", "sid", "jti"]
    }

    /// An access token longer than this, or of other characters, is none (RFC 6750 §2.1).
    private static var longestAccessToken: Int { 16 * 1024 }

    func verifyLogin(_ reply: TokenReply, nonce: String?, asksUserInfo: Bool, now: Date) async throws -> LoginAnswer {
        guard let text = reply.idToken else { throw ProviderError.documentInvalid(.token, "it has no `id_token`") }
        let token = try await verifyLogin(text, nonce: nonce, now: now)
        return LoginAnswer(
            token: asksUserInfo ? try await completed(token, with: reply.accessToken, now: now) : token,
            refreshToken: reply.refreshToken)
    }

    /// What the ID token says, and beyond it what userinfo does.
    func completed(_ token: VerifiedToken, with accessToken: String?, now: Date) async throws -> VerifiedToken {
        guard let endpoint = try await metadata.value(now: now).userInfo else { throw ProviderError.unsupported("userinfo") }
        guard let accessToken, (1...Self.longestAccessToken).contains(accessToken.utf8.count),
            accessToken.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw ProviderError.documentInvalid(.token, "it has no `access_token`") }
        let info = try await connection.get(endpoint, .userInfo, authorization: "Bearer " + accessToken)
        // §5.3.2: or it would be what somebody else may do.
        guard info["sub"]?.string.map({ $0.utf8.elementsEqual(token.subject.utf8) }) == true else {
            throw TokenError.otherSubject
        }
        var claims = token.claims
        for (name, value) in info where claims[name] == nil && !Self.protocolClaims.contains(name) {
            // That an address was verified is said of the address beside it.
            if name == "email_verified", let email = claims["email"], email != info["email"] { continue }
            claims[name] = value
        }
        var completed = VerifiedToken(subject: token.subject, claims: claims, expires: token.expires)
        completed.uniqueID = token.uniqueID
        return completed
    }
}
