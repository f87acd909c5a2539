// SPDX-License-Identifier: Apache-2.0

import X509

/// The signature algorithms that we accept on requests. Of these our CAs use the first for their key.
package enum X509SignatureAlgorithm: String, Sendable, CaseIterable {
    case ed25519
    case ecdsaSHA256
    case ecdsaSHA384
    case ecdsaSHA512
    case rsaSHA256
    case rsaSHA384
    case rsaSHA512

    /// What a CA with such a key signs with: the hash as strong as the curve (RFC 5480 §4), SHA-256 for RSA.
    package init(issuerKey: SubjectPublicKey.Kind) {
        self =
            switch issuerKey {
            case .ed25519: .ed25519
            case .ecdsaP256: .ecdsaSHA256
            case .ecdsaP384: .ecdsaSHA384
            case .ecdsaP521: .ecdsaSHA512
            case .rsa: .rsaSHA256
            }
    }

    /// - Parameter encoded: an `AlgorithmIdentifier`, which has one encoding for each (RFC 8410 §3, RFC 5758 §3.2,
    ///   RFC 4055 §5).
    init?(encoded: some Collection<UInt8>) {
        guard let match = Self.all.first(where: { $0.encoded.elementsEqual(encoded) }) else { return nil }
        self = match.algorithm
    }

    private static let all = allCases.map { (algorithm: $0, encoded: $0.encoded) }

    /// The `AlgorithmIdentifier`.
    var encoded: [UInt8] {
        switch self {
        case .ed25519: [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70]
        case .ecdsaSHA256: Self.ecdsa(2)
        case .ecdsaSHA384: Self.ecdsa(3)
        case .ecdsaSHA512: Self.ecdsa(4)
        case .rsaSHA256: Self.rsa(11)
        case .rsaSHA384: Self.rsa(12)
        case .rsaSHA512: Self.rsa(13)
        }
    }

    /// 1.2.840.10045.4.3.x, without parameters.
    private static func ecdsa(_ last: UInt8) -> [UInt8] {
        [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last]
    }

    /// 1.2.840.113549.1.1.x, with NULL.
    private static func rsa(_ last: UInt8) -> [UInt8] {
        [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last, 0x05, 0x00]
    }

    func fits(_ key: SubjectPublicKey.Kind) -> Bool {
        switch (self, key) {
        case (.ed25519, .ed25519): true
        case (.ecdsaSHA256, _), (.ecdsaSHA384, _), (.ecdsaSHA512, _): key.isECDSA
        case (.rsaSHA256, .rsa), (.rsaSHA384, .rsa), (.rsaSHA512, .rsa): true
        default: false
        }
    }

    var library: Certificate.SignatureAlgorithm {
        switch self {
        case .ed25519: .ed25519
        case .ecdsaSHA256: .ecdsaWithSHA256
        case .ecdsaSHA384: .ecdsaWithSHA384
        case .ecdsaSHA512: .ecdsaWithSHA512
        case .rsaSHA256: .sha256WithRSAEncryption
        case .rsaSHA384: .sha384WithRSAEncryption
        case .rsaSHA512: .sha512WithRSAEncryption
        }
    }
}
