// SPDX-License-Identifier: Apache-2.0

import JWTKit

/// A public key of an issuer, good for one algorithm alone (RFC 8725 §3.1): with an RSA key nobody verifies a MAC.
struct VerificationKey: Sendable {
    let algorithm: TokenAlgorithm
    let keyID: String?
    /// Holds this key and nothing else.
    private let keys: JWTKeyCollection

    /// 8192 bits: a longer modulus only costs time.
    private static let mostModulusBytes = 1024

    /// Nil for a key that is meant for something else, or of a type that is not accepted here.
    init?(_ members: [String: JSONValue]) async {
        if let use = members["use"], use.string != "sig" { return nil }
        if let operations = members["key_ops"], operations.strings?.contains("verify") != true { return nil }
        let keys = JWTKeyCollection()
        switch (members["kty"]?.string, members["crv"]?.string) {
        case ("RSA", nil):
            algorithm = .rs256
            guard let modulus = members["n"]?.string, let exponent = members["e"]?.string,
                let bytes = Base64URL.decode(modulus), bytes.count <= Self.mostModulusBytes,
                Base64URL.decode(exponent) == [1, 0, 1],
                // Refuses fewer than 2048 bits.
                let key = try? Insecure.RSA.PublicKey(modulus: modulus, exponent: exponent)
            else { return nil }
            await keys.add(rsa: key, digestAlgorithm: .sha256)
        case ("EC", "P-256"):
            algorithm = .es256
            guard let x = members["x"]?.string, let y = members["y"]?.string, Base64URL.decode(x)?.count == 32,
                Base64URL.decode(y)?.count == 32, let key = try? ES256PublicKey(parameters: (x, y))
            else { return nil }
            await keys.add(ecdsa: key)
        case ("OKP", "Ed25519"):
            algorithm = .edDSA
            guard let x = members["x"]?.string, Base64URL.decode(x)?.count == 32,
                let key = try? EdDSA.PublicKey(x: x, curve: .ed25519)
            else { return nil }
            await keys.add(eddsa: key)
        default: return nil
        }
        if let named = members["alg"], named.string != algorithm.rawValue { return nil }
        keyID = members["kid"]?.string
        self.keys = keys
    }

    /// Whether this key signed the token with its own algorithm.
    func verifies(_ token: SignedToken) async -> Bool {
        guard token.algorithm == algorithm else { return false }
        return (try? await keys.verify(token.text, as: Unread.self)) != nil
    }
}

/// The claims were read already, more strictly than JWTKit does.
private struct Unread: JWTPayload {
    func verify(using algorithm: some JWTAlgorithm) {}
}
