// SPDX-License-Identifier: Apache-2.0

import Crypto
import CryptoExtras
import FoundationEssentials

extension SSHPublicKey {
    /// Verifies a signature over a message, which is not hashed yet.
    /// - Throws: `keyMismatch`, `invalid`, or `userNotPresent` for a security key that was not touched.
    @discardableResult
    package func verify(
        _ signature: SSHSignature, over message: [UInt8]
    ) throws(SSHSignatureError) -> VerifiedSignature {
        let algorithm = signature.algorithm
        guard algorithm.keyType == type else { throw .keyMismatch(algorithm, type) }
        var use: SecurityKeyUse?
        let isValid: Bool
        switch (material, signature.value) {
        case (.ed25519(let point), .ed25519(let bytes)):
            isValid = Self.isValidEd25519(bytes, by: point, over: message)
        case (.ecdsa(let curve, let point), .ecdsa(let bytes)):
            isValid = curve.isValidSignature(bytes, by: point, over: message)
        case (.rsa(let exponent, let modulus), .rsa(let bytes)):
            isValid = Self.isValidRSA(bytes, algorithm, exponent: exponent, modulus: modulus, over: message)
        case (.securityKeyEd25519(let point, let application), .securityKey(.ed25519(let bytes), let flags, let counter)):
            let signed = Self.securityKeyMessage(message, application: application, flags: flags, counter: counter)
            isValid = Self.isValidEd25519(bytes, by: point, over: signed)
            use = SecurityKeyUse(isUserVerified: flags & SecurityKeyUse.userVerified != 0, counter: counter)
        case (.securityKeyECDSAP256(let point, let application), .securityKey(.ecdsa(let bytes), let flags, let counter)):
            let signed = Self.securityKeyMessage(message, application: application, flags: flags, counter: counter)
            isValid = SSHCurve.p256.isValidSignature(bytes, by: point, over: signed)
            use = SecurityKeyUse(isUserVerified: flags & SecurityKeyUse.userVerified != 0, counter: counter)
        default:
            throw .keyMismatch(algorithm, type)
        }
        guard isValid else { throw .invalid(algorithm) }
        if case .securityKey(_, let flags, _) = signature.value, flags & SecurityKeyUse.userPresent == 0 {
            throw .userNotPresent
        }
        return VerifiedSignature(key: self, algorithm: algorithm, securityKey: use)
    }

    private static func isValidEd25519(_ signature: [UInt8], by point: [UInt8], over message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: point) else { return false }
        return key.isValidSignature(signature, for: message)
    }

    /// RSASSA-PKCS1-v1_5; the signature is as long as the modulus (RFC 8017 §8.2.2).
    private static func isValidRSA(
        _ signature: [UInt8], _ algorithm: SSHSignatureAlgorithm, exponent: [UInt8], modulus: [UInt8],
        over message: [UInt8]
    ) -> Bool {
        guard signature.count == modulus.count, let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else {
            return false
        }
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
        return algorithm == .rsaSHA512
            ? key.isValidSignature(signature, for: SHA512.hash(data: message), padding: .insecurePKCS1v1_5)
            : key.isValidSignature(signature, for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5)
    }

    /// What a security key signs: two digests around flags and counter.
    private static func securityKeyMessage(
        _ message: [UInt8], application: String, flags: UInt8, counter: UInt32
    ) -> [UInt8] {
        var writer = SSHWireWriter()
        writer.write(raw: SHA256.hash(data: Array(application.utf8)))
        writer.write(uint8: flags)
        writer.write(uint32: counter)
        writer.write(raw: SHA256.hash(data: message))
        return writer.bytes
    }
}
