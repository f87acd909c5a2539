// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import SwiftASN1
import X509

/// A public key strong enough to be certified, with its `SubjectPublicKeyInfo` as received. Around the key's own bits DER
/// and we leave no choice, so equal keys have equal bytes.
package struct SubjectPublicKey: Sendable {
    package enum Kind: Hashable, Sendable {
        case ed25519
        case ecdsaP256
        case ecdsaP384
        case ecdsaP521
        case rsa(bits: Int)

        var isECDSA: Bool { self == .ecdsaP256 || self == .ecdsaP384 || self == .ecdsaP521 }
    }

    /// 3072 bits are as strong as P-256 (NIST SP 800-57 part 1 table 2); above 8192 verifying costs the server too much.
    package static let rsaBits = 3072...8192

    package let kind: Kind
    package let subjectPublicKeyInfo: [UInt8]
    /// Contents of the BIT STRING.
    let keyBits: ArraySlice<UInt8>
    private let key: Certificate.PublicKey

    /// - Parameter pem: one block labelled `PUBLIC KEY`.
    package init(pem: String) throws(PublicKeyError) {
        guard let der = try? PEM.decode(pem.utf8, labels: ["PUBLIC KEY"]) else { throw .malformed }
        try self.init(subjectPublicKeyInfo: der)
    }

    package init(subjectPublicKeyInfo: [UInt8]) throws(PublicKeyError) {
        self = try decoding(orThrow: PublicKeyError.malformed) { try Self(DER.parse(subjectPublicKeyInfo)) }
    }

    /// - Throws: `PublicKeyError` or an error of the encoding.
    init(_ node: ASN1Node) throws {
        let (algorithm, keyBits) = try DER.sequence(node, identifier: .sequence) { nodes in
            (try KeyAlgorithmIdentifier(nodes.required()), try nodes.required().wholeBytes())
        }
        kind = try algorithm.kind(of: keyBits)
        subjectPublicKeyInfo = Array(node.encodedBytes)
        self.keyBits = keyBits
        do {
            key = try Certificate.PublicKey(derEncoded: node)
        } catch {
            throw kind.isECDSA ? PublicKeyError.invalidPoint : .malformed
        }
    }

    /// `SHA256:` and base64 without padding, over the `SubjectPublicKeyInfo`.
    package var fingerprint: String {
        let base64 = Data(SHA256.hash(data: subjectPublicKeyInfo)).base64EncodedString()
        return "SHA256:" + base64.prefix { $0 != "=" }
    }

    /// The leftmost 160 bits of the SHA-256 of the key bits (RFC 7093 §2 method 1).
    var keyIdentifier: [UInt8] { Array(SHA256.hash(data: keyBits).prefix(20)) }

    func verifies(
        _ signature: some Collection<UInt8>, over bytes: some Collection<UInt8>, with algorithm: X509SignatureAlgorithm
    ) -> Bool {
        guard algorithm.fits(kind) else { return false }
        return key.isValidSignature(Data(signature), for: Data(bytes), signatureAlgorithm: algorithm.library)
    }
}

extension SubjectPublicKey: Hashable {
    package static func == (left: Self, right: Self) -> Bool { left.subjectPublicKeyInfo == right.subjectPublicKeyInfo }

    package func hash(into hasher: inout Hasher) { hasher.combine(subjectPublicKeyInfo) }
}
