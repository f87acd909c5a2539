// SPDX-License-Identifier: Apache-2.0

/// How a CA key signs. ECDSA hashes are fixed by the curve, as X.509 practice and RFC 5656 §6.2.1 have it.
package enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case ed25519
    case ecdsaSHA256
    case ecdsaSHA384
    case ecdsaSHA512
    case rsaSHA256
    case rsaSHA512
}

/// A CA private key that can be used but not read: a file, later an HSM or a cloud KMS.
package protocol Signer: Sendable {
    /// DER of the `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
    var subjectPublicKeyInfo: [UInt8] { get }

    /// What this key can do, the preferred algorithm first. Never empty.
    var algorithms: [SignatureAlgorithm] { get }

    /// The signature over `message`, which is not hashed yet, encoded as X.509 has it: 64 bytes for Ed25519 (RFC 8410),
    /// the DER of `ECDSA-Sig-Value` (RFC 5480), the modulus length for RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    func sign(_ message: [UInt8], with algorithm: SignatureAlgorithm) async throws -> [UInt8]
}
