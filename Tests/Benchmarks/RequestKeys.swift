// SPDX-License-Identifier: Apache-2.0

import Crypto
import SSHCertificates
import SwiftASN1
import X509

/// Keys and requests that clients would bring, made before anything is measured.
enum RequestKeys {
    /// PEM of a PKCS#10 request for a new P-256 key.
    static func signingRequest() throws -> String {
        let request = try CertificateSigningRequest(
            version: .v1, subject: try DistinguishedName { CommonName("bench") },
            privateKey: Certificate.PrivateKey(P256.Signing.PrivateKey()), attributes: CertificateSigningRequest.Attributes(),
            signatureAlgorithm: .ecdsaWithSHA256)
        return try request.serializeAsPEM().pemString
    }

    /// The line of a new `id_ed25519.pub`.
    static func sshPublicKey() throws -> String {
        let head: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]  // RFC 8410
        let point = Array(Curve25519.Signing.PrivateKey().publicKey.rawRepresentation)
        return try SSHPublicKey(subjectPublicKeyInfo: head + point).authorizedKey()
    }
}
