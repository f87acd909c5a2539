// SPDX-License-Identifier: Apache-2.0

/// What a provider says of itself (OpenID Connect Discovery §3, RFC 8414 §2).
struct ProviderMetadata: Sendable {
    let keys: ProviderURL
    let authorization: ProviderURL?
    let token: ProviderURL?
    let userInfo: ProviderURL?
    /// RFC 8628 §4.
    let deviceAuthorization: ProviderURL?
    /// RFC 7009 §2.
    let revocation: ProviderURL?
    let authenticatesByPost: Bool
    /// RFC 9207 §3.
    let namesIssuerInResponses: Bool

    /// - Throws: `ProviderError`
    init(parsing document: [String: JSONValue], issuer: ProviderURL) throws(ProviderError) {
        guard let name = document["issuer"]?.string, name.utf8.elementsEqual(issuer.text.utf8) else {
            throw .documentInvalid(.configuration, "its `issuer` is not the one that was asked")
        }
        func endpoint(_ name: String) throws(ProviderError) -> ProviderURL? {
            guard let text = document[name]?.string else { return nil }
            return try ProviderURL(text, of: issuer)
        }
        guard let keys = try endpoint("jwks_uri") else {
            throw .documentInvalid(.configuration, "it has no `jwks_uri`")
        }
        self.keys = keys
        authorization = try endpoint("authorization_endpoint")
        token = try endpoint("token_endpoint")
        userInfo = try endpoint("userinfo_endpoint")
        deviceAuthorization = try endpoint("device_authorization_endpoint")
        revocation = try endpoint("revocation_endpoint")
        // Without this member it is `client_secret_basic` alone.
        let methods = document["token_endpoint_auth_methods_supported"]?.strings ?? ["client_secret_basic"]
        authenticatesByPost = !methods.contains("client_secret_basic") && methods.contains("client_secret_post")
        namesIssuerInResponses = document["authorization_response_iss_parameter_supported"]?.bool ?? false
    }
}
