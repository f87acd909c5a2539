// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import X509

/// The key of a session: P-256, made for one login, and never sent.
package struct SessionKey: Sendable {
    private let key: P256.Signing.PrivateKey

    package init() {
        key = P256.Signing.PrivateKey()
    }

    /// - Parameter pem: PKCS#8.
    init(pem: String) throws {
        key = try P256.Signing.PrivateKey(pemRepresentation: pem)
    }

    /// PKCS#8.
    package var pem: String { key.pemRepresentation }

    /// SHA-256 of the `SubjectPublicKeyInfo`, base64url without padding.
    package var digest: String {
        String(
            Data(SHA256.hash(data: key.publicKey.derRepresentation)).base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }

    /// PEM PKCS#10 without names: who this is, the server knows better.
    package func certificateRequest() throws -> String {
        try CertificateRequest(names: []).pem(signedBy: Certificate.PrivateKey(key))
    }

    func isCertified(by certificate: Certificate) -> Bool {
        certificate.publicKey == Certificate.PublicKey(key.publicKey)
    }
}
