// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// The algorithm of a `SubjectPublicKeyInfo`, and what its keys must look like.
struct KeyAlgorithmIdentifier {
    private let identifier: ASN1ObjectIdentifier
    private let parameters: ASN1Node?

    init(_ node: ASN1Node) throws {
        (identifier, parameters) = try DER.sequence(node, identifier: .sequence) { nodes in
            (try ASN1ObjectIdentifier(derEncoded: &nodes), nodes.next())
        }
    }

    /// - Throws: `PublicKeyError` or an error of the encoding. Whether a point is on its curve is not checked here.
    func kind(of keyBits: ArraySlice<UInt8>) throws -> SubjectPublicKey.Kind {
        switch identifier {
        case Self.ed25519:
            // RFC 8410 §3: the parameters are absent.
            guard parameters == nil else { throw PublicKeyError.malformed }
            try Ed25519Point.check(keyBits)
            return .ed25519
        case Self.ecPublicKey:
            let (kind, coordinate) = try curve()
            guard keyBits.count == 1 + 2 * coordinate, keyBits.first == 0x04 else { throw PublicKeyError.invalidPoint }
            return kind
        case Self.rsaEncryption:
            // RFC 4055 §1.2: the parameters are NULL.
            guard let parameters, try parameters.primitive(.null).isEmpty else { throw PublicKeyError.malformed }
            return .rsa(bits: try Self.rsaBits(keyBits))
        default:
            throw PublicKeyError.unsupportedAlgorithm(KnownObjects.name(of: identifier))
        }
    }

    /// Only named curves (RFC 5480 §2.1.1); explicit parameters could describe a weakened P-256 (CVE-2020-0601).
    private func curve() throws -> (kind: SubjectPublicKey.Kind, coordinateBytes: Int) {
        guard let parameters else { throw PublicKeyError.malformed }
        guard parameters.identifier == .objectIdentifier else { throw PublicKeyError.unsupportedCurve("explicit parameters") }
        let curve = try ASN1ObjectIdentifier(derEncoded: parameters)
        switch curve {
        case Self.p256: return (.ecdsaP256, 32)
        case Self.p384: return (.ecdsaP384, 48)
        case Self.p521: return (.ecdsaP521, 66)
        default: throw PublicKeyError.unsupportedCurve(KnownObjects.name(of: curve))
        }
    }

    /// `RSAPublicKey` (RFC 8017 appendix A.1.1).
    private static func rsaBits(_ keyBits: ArraySlice<UInt8>) throws -> Int {
        let (modulus, exponent) = try DER.sequence(DER.parse(keyBits), identifier: .sequence) { nodes in
            (try ArraySlice<UInt8>(derEncoded: &nodes), try ArraySlice<UInt8>(derEncoded: &nodes))
        }
        guard let first = modulus.first, let last = modulus.last else { throw PublicKeyError.malformed }
        let bits = modulus.count * 8 - first.leadingZeroBitCount
        guard bits >= SubjectPublicKey.rsaBits.lowerBound else { throw PublicKeyError.rsaTooShort(bits: bits) }
        guard bits <= SubjectPublicKey.rsaBits.upperBound else { throw PublicKeyError.rsaTooLong(bits: bits) }
        guard exponent.elementsEqual([0x01, 0x00, 0x01]) else { throw PublicKeyError.rsaExponent }
        guard last & 1 == 1 else { throw PublicKeyError.rsaModulus }
        return bits
    }

    private static let ed25519: ASN1ObjectIdentifier = [1, 3, 101, 112]
    private static let ecPublicKey: ASN1ObjectIdentifier = [1, 2, 840, 10045, 2, 1]
    private static let rsaEncryption: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 1, 1]
    private static let p256: ASN1ObjectIdentifier = [1, 2, 840, 10045, 3, 1, 7]
    private static let p384: ASN1ObjectIdentifier = [1, 3, 132, 0, 34]
    private static let p521: ASN1ObjectIdentifier = [1, 3, 132, 0, 35]
}
