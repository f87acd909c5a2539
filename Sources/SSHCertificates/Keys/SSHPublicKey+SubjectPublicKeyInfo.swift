// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import FoundationEssentials

extension SSHPublicKey {
    /// From the DER of a `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7), the form in which CA keys describe themselves.
    ///
    /// Only canonical DER is accepted: what the key encodes to must be what was given.
    package init(subjectPublicKeyInfo der: [UInt8]) throws(SSHKeyError) {
        guard der.count <= SSHLimits.keyBlob else { throw .unsupportedSubjectPublicKeyInfo }
        if der.starts(with: Self.ed25519Prefix) {
            let point = Array(der.dropFirst(Self.ed25519Prefix.count))
            guard point.count == Ed25519Point.byteCount else { throw .unsupportedSubjectPublicKeyInfo }
            guard Ed25519Point.isUsable(point) else { throw .invalidPoint(.ed25519) }
            self.init(.ed25519(point))
        } else if let key = try? P256.Signing.PublicKey(derRepresentation: der), key.derRepresentation.elementsEqual(der) {
            self.init(.ecdsa(.p256, point: Array(key.x963Representation)))
        } else if let key = try? P384.Signing.PublicKey(derRepresentation: der), key.derRepresentation.elementsEqual(der) {
            self.init(.ecdsa(.p384, point: Array(key.x963Representation)))
        } else if let key = try? P521.Signing.PublicKey(derRepresentation: der), key.derRepresentation.elementsEqual(der) {
            self.init(.ecdsa(.p521, point: Array(key.x963Representation)))
        } else if let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: der), key.derRepresentation.elementsEqual(der),
            let numbers = try? key.getKeyPrimitives()
        {
            self.init(
                try SSHKeyMaterial.checkedRSA(
                    exponent: Array(numbers.publicExponent.drop { $0 == 0 }), modulus: Array(numbers.modulus.drop { $0 == 0 })))
        } else {
            throw .unsupportedSubjectPublicKeyInfo
        }
    }

    /// RFC 8410 §4: SEQUENCE, OID 1.3.101.112 without parameters, BIT STRING of 32 bytes.
    private static let ed25519Prefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
}
