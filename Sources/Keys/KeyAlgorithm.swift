// SPDX-License-Identifier: Apache-2.0
package import Issuance

/// The kinds of CA key. Raw values are the names in `mayfly.yaml`.
package enum KeyAlgorithm: String, Sendable, CaseIterable {
    case ed25519
    case ecdsaP256 = "ecdsa-p256"
    case ecdsaP384 = "ecdsa-p384"
    case ecdsaP521 = "ecdsa-p521"
    case rsa3072 = "rsa-3072"
    case rsa4096 = "rsa-4096"

    package var signatureAlgorithms: [SignatureAlgorithm] {
        switch self {
        case .ed25519: [.ed25519]
        case .ecdsaP256: [.ecdsaSHA256]
        case .ecdsaP384: [.ecdsaSHA384]
        case .ecdsaP521: [.ecdsaSHA512]
        case .rsa3072, .rsa4096: [.rsaSHA256, .rsaSHA512]
        }
    }
}

extension KeyAlgorithm {
    /// The algorithm whose keys look exactly like this `SubjectPublicKeyInfo`.
    ///
    /// Around the key's own bytes everything is fixed in DER, so that comparing is stricter than parsing: curves given by
    /// their parameters, compressed points (RFC 5480 §2.2), RSASSA-PSS keys, and RSA with an exponent other than 65537 or a
    /// modulus of another length are all `nil`.
    package init?(subjectPublicKeyInfo: [UInt8]) {
        let match = Self.allCases.first { algorithm in
            let (head, keyBytes, tail) = algorithm.encoding
            return subjectPublicKeyInfo.count == head.count + keyBytes + tail.count
                && subjectPublicKeyInfo.starts(with: head)
                && subjectPublicKeyInfo.suffix(tail.count).elementsEqual(tail)
        }
        guard let match else { return nil }
        self = match
    }

    private var encoding: (head: [UInt8], keyBytes: Int, tail: [UInt8]) {
        let ecPublicKey: [UInt8] = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]
        let rsaEncryption: [UInt8] = [
            0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
        ]
        let exponent65537: [UInt8] = [0x02, 0x03, 0x01, 0x00, 0x01]
        return switch self {
        case .ed25519:
            ([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], 32, [])
        case .ecdsaP256:
            (
                [0x30, 0x59, 0x30, 0x13] + ecPublicKey + [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
                    + [0x03, 0x42, 0x00, 0x04], 64, []
            )
        case .ecdsaP384:
            (
                [0x30, 0x76, 0x30, 0x10] + ecPublicKey + [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22]
                    + [0x03, 0x62, 0x00, 0x04], 96, []
            )
        case .ecdsaP521:
            (
                [0x30, 0x81, 0x9b, 0x30, 0x10] + ecPublicKey + [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23]
                    + [0x03, 0x81, 0x86, 0x00, 0x04], 132, []
            )
        // The modulus starts with a zero byte, which DER has only before a set top bit: exactly 3072 or 4096 bits.
        case .rsa3072:
            (
                [0x30, 0x82, 0x01, 0xa2] + rsaEncryption + [0x03, 0x82, 0x01, 0x8f, 0x00]
                    + [0x30, 0x82, 0x01, 0x8a, 0x02, 0x82, 0x01, 0x81, 0x00], 384, exponent65537
            )
        case .rsa4096:
            (
                [0x30, 0x82, 0x02, 0x22] + rsaEncryption + [0x03, 0x82, 0x02, 0x0f, 0x00]
                    + [0x30, 0x82, 0x02, 0x0a, 0x02, 0x82, 0x02, 0x01, 0x00], 512, exponent65537
            )
        }
    }
}
