// SPDX-License-Identifier: Apache-2.0

/// Why a public key is not certified.
package enum PublicKeyError: Error, Hashable, CustomStringConvertible {
    case malformed
    /// By name where it is known, else by object identifier.
    case unsupportedAlgorithm(String)
    case unsupportedCurve(String)
    /// The point is compressed, at infinity, or not on the curve; or the Ed25519 key is not reduced.
    case invalidPoint
    /// Anyone can make signatures that such an Ed25519 key verifies.
    case smallOrder
    case rsaTooShort(bits: Int)
    case rsaTooLong(bits: Int)
    case rsaExponent
    case rsaModulus

    package var description: String {
        switch self {
        case .malformed: "the public key is malformed"
        case .unsupportedAlgorithm(let name):
            "a `\(name)` key is not supported; use Ed25519, ECDSA P-256, P-384 or P-521, or RSA of 3072 bits"
        case .unsupportedCurve(let name): "the curve `\(name)` is not supported; use P-256, P-384, P-521 or Ed25519"
        case .invalidPoint: "the public key is not an uncompressed point of its curve"
        case .smallOrder: "the public key is a point of small order"
        case .rsaTooShort(let bits):
            "an RSA key of \(bits) bits is too weak; use at least \(SubjectPublicKey.rsaBits.lowerBound)"
        case .rsaTooLong(let bits): "an RSA key of \(bits) bits is too long; use at most \(SubjectPublicKey.rsaBits.upperBound)"
        case .rsaExponent: "the RSA key's public exponent is not 65537"
        case .rsaModulus: "the RSA key's modulus is even"
        }
    }
}
