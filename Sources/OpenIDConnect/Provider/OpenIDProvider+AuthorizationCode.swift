// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials

/// The authorization code flow (OpenID Connect Core §3.1) with PKCE (RFC 7636).
extension OpenIDProvider {
    /// What one login sends along and must get back.
    package struct AuthorizationRequest: Sendable {
        /// Where the browser goes afterwards: a port of the loopback interface (RFC 8252 §7.3).
        package let redirectURI: String
        package let state: String
        package let nonce: String
        /// 43 characters; stays here until the code is redeemed.
        package let codeVerifier: String

        package init(redirectURI: String, state: String, nonce: String, codeVerifier: String) {
            self.redirectURI = redirectURI
            self.state = state
            self.nonce = nonce
            self.codeVerifier = codeVerifier
        }
    }

    /// Where the person proves who they are.
    /// - Parameters:
    ///   - scopes: besides `openid`.
    ///   - maximumAge: how long ago they may have done so, in seconds; makes the provider say when it was.
    /// - Throws: `ProviderError`
    package func authorizationURL(
        for request: AuthorizationRequest, scopes: [String], maximumAge: Int?, now: Date
    ) async throws -> String {
        guard let endpoint = try await metadata.value(now: now).authorization else {
            throw ProviderError.unsupported("logins of people")
        }
        var parameters = [
            ("response_type", "code"), ("client_id", client.id), ("redirect_uri", request.redirectURI),
            ("scope", (["openid"] + scopes).joined(separator: " ")), ("state", request.state), ("nonce", request.nonce),
            ("code_challenge", Base64URL.encode(SHA256.hash(data: Data(request.codeVerifier.utf8)))),
            ("code_challenge_method", "S256"),
        ]
        if let maximumAge { parameters.append(("max_age", "\(maximumAge)")) }
        let separator = endpoint.text.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        return endpoint.text + separator + FormEncoding.encode(parameters)
    }

    /// Trades the code for an ID token and returns what that says.
    /// - Parameters:
    ///   - responseIssuer: `iss` of the redirect (RFC 9207), where it had one.
    ///   - asksUserInfo: for the claims that the ID token lacks.
    /// - Throws: `ProviderError`, `TokenError`
    package func redeem(
        code: String, of request: AuthorizationRequest, responseIssuer: String?, asksUserInfo: Bool = false, now: Date
    ) async throws -> LoginAnswer {
        let metadata = try await metadata.value(now: now)
        if responseIssuer != nil || metadata.namesIssuerInResponses {
            guard responseIssuer == issuer.text else { throw TokenError.otherIssuer }
        }
        let reply = try await requestToken(
            [
                ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", request.redirectURI),
                ("code_verifier", request.codeVerifier),
            ], metadata)
        return try await verifyLogin(reply, nonce: request.nonce, asksUserInfo: asksUserInfo, now: now)
    }

    /// What the token endpoint answers with, as far as it is of use.
    struct TokenReply: Sendable {
        let idToken: String?
        let accessToken: String?
        let refreshToken: RefreshToken?
    }

    func requestToken(_ form: [(String, String)], _ metadata: ProviderMetadata) async throws -> TokenReply {
        guard let endpoint = metadata.token else { throw ProviderError.unsupported("logins of people") }
        let (form, authorization) = authenticated(form, metadata)
        let reply = try await connection.post(endpoint, form: form, authorization: authorization, .token)
        return TokenReply(
            idToken: reply["id_token"]?.string, accessToken: reply["access_token"]?.string,
            refreshToken: reply["refresh_token"]?.string.flatMap(RefreshToken.init))
    }

    /// As whom we call (RFC 6749 §2.3.1): id and secret in a header where the provider takes them there.
    func authenticated(
        _ form: [(String, String)], _ metadata: ProviderMetadata
    ) -> (form: [(String, String)], authorization: String?) {
        guard let secret = client.secret else { return (form + [("client_id", client.id)], nil) }
        if metadata.authenticatesByPost {
            return (form + [("client_id", client.id), ("client_secret", secret)], nil)
        }
        let pair = "\(FormEncoding.encode(client.id)):\(FormEncoding.encode(secret))"
        return (form, "Basic " + Data(pair.utf8).base64EncodedString())
    }
}
