// SPDX-License-Identifier: Apache-2.0

package import Crypto
package import CryptoExtras
package import Foundation

/// A key that an identity provider signs tokens with.
package struct ProviderKey: Sendable {
    package let id: String?
    package let kind: Kind

    package enum Kind: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    package init(_ kind: Kind, id: String?) {
        self.kind = kind
        self.id = id
    }

    package static func p256(_ id: String? = "p256") -> ProviderKey { .init(.p256(P256.Signing.PrivateKey()), id: id) }
    package static func ed25519(_ id: String? = "ed25519") -> ProviderKey {
        .init(.ed25519(Curve25519.Signing.PrivateKey()), id: id)
    }
    package static func rsa(_ id: String? = "rsa", bits: Int = 2048) throws -> ProviderKey {
        .init(.rsa(try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: bits))), id: id)
    }

    package var algorithm: String {
        switch kind {
        case .rsa: "RS256"
        case .p256: "ES256"
        case .ed25519: "EdDSA"
        }
    }

    /// The public half as a JWK.
    package var jwk: String {
        let members: String
        switch kind {
        case .rsa(let key):
            let numbers = try? key.publicKey.getKeyPrimitives()
            members =
                #""kty":"RSA","n":"\#(base64URL(numbers?.modulus ?? Data()))","e":"\#(base64URL(numbers?.publicExponent ?? Data()))""#
        case .p256(let key):
            let point = key.publicKey.rawRepresentation
            members = #""kty":"EC","crv":"P-256","x":"\#(base64URL(point.prefix(32)))","y":"\#(base64URL(point.suffix(32)))""#
        case .ed25519(let key):
            members = #""kty":"OKP","crv":"Ed25519","x":"\#(base64URL(key.publicKey.rawRepresentation))""#
        }
        return "{" + members + #","use":"sig""# + (id.map { #","kid":"\#($0)""# } ?? "") + "}"
    }

    /// The public half of an RSA key, as it is often handed around.
    package var rsaPEM: String? { if case .rsa(let key) = kind { key.publicKey.pemRepresentation } else { nil } }

    /// A token with this payload, whatever it says.
    /// - Parameter header: instead of the one that belongs to the key.
    package func token(_ payload: String, header: String? = nil) throws -> String {
        let own = #"{"alg":"\#(algorithm)","typ":"JWT""# + (id.map { #","kid":"\#($0)""# } ?? "") + "}"
        let signed = base64URL(Data((header ?? own).utf8)) + "." + base64URL(Data(payload.utf8))
        return signed + "." + base64URL(try signature(of: Data(signed.utf8)))
    }

    /// A token with a MAC whose secret is the public key (RFC 8725 §2.1), as whoever knows nothing else would make it.
    package func macToken(_ payload: String) -> String {
        let header = #"{"alg":"HS256","typ":"JWT""# + (id.map { #","kid":"\#($0)""# } ?? "") + "}"
        let signed = base64URL(Data(header.utf8)) + "." + base64URL(Data(payload.utf8))
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(signed.utf8), using: SymmetricKey(data: Data((rsaPEM ?? jwk).utf8)))
        return signed + "." + base64URL(Data(code))
    }

    private func signature(of message: Data) throws -> Data {
        switch kind {
        case .rsa(let key): try key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation
        case .p256(let key): try key.signature(for: message).rawRepresentation
        case .ed25519(let key): try key.signature(for: message)
        }
    }
}

package func base64URL(_ bytes: some DataProtocol) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}
