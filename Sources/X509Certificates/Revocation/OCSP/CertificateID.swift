// SPDX-License-Identifier: Apache-2.0

import Crypto
import SwiftASN1

/// `CertID` (RFC 6960 §4.1.1): which certificate of which CA is asked about. Its bytes are kept, as clients compare them.
package struct CertificateID: Hashable, Sendable {
    package enum Hash: Hashable, Sendable, CaseIterable {
        /// What clients of RFC 5019 use. It only picks a CA, where nothing is gained by a collision.
        case sha1
        case sha256
    }

    package let hash: Hash
    /// nil: longer than those of our certificates, so none of them.
    package let serial: SerialNumber?
    private let issuerNameHash: [UInt8]
    private let issuerKeyHash: [UInt8]
    let encoded: [UInt8]

    /// RFC 5280 §4.1.2.2.
    private static let maximumSerialBytes = 20

    package init(serial: SerialNumber, issuer: IssuerCertificate, hash: Hash) {
        self.hash = hash
        self.serial = serial
        issuerNameHash = hash.digest(issuer.subjectName)
        issuerKeyHash = hash.digest(issuer.publicKey.keyBits)
        let algorithm = element(.sequence, hash.encodedIdentifier, element(.null))
        encoded = element(
            .sequence, algorithm, element(.octetString, issuerNameHash), element(.octetString, issuerKeyHash), serial.encoded)
    }

    /// - Throws: `OCSPRequestError.unsupportedHash` or an error of the encoding.
    init(_ node: ASN1Node) throws {
        (hash, issuerNameHash, issuerKeyHash, serial) = try DER.sequence(node, identifier: .sequence) { nodes in
            let hash = try Hash(nodes.required())
            let name = Array(try nodes.required().primitive(.octetString))
            let key = Array(try nodes.required().primitive(.octetString))
            let number = try nodes.required()
            // Refuses leading zeros and negative numbers.
            _ = try ArraySlice<UInt8>(derEncoded: number)
            let digits = try number.primitive(.integer)
            guard name.count == hash.byteCount, key.count == hash.byteCount, digits.count <= Self.maximumSerialBytes else {
                throw UnexpectedDER()
            }
            return (hash, name, key, SerialNumber(magnitude: digits))
        }
        encoded = Array(node.encodedBytes)
    }

    /// Whether that CA is the one that is asked about.
    package func names(_ issuer: IssuerCertificate) -> Bool {
        issuerNameHash == hash.digest(issuer.subjectName) && issuerKeyHash == hash.digest(issuer.publicKey.keyBits)
    }
}

extension CertificateID.Hash {
    /// Without parameters, or with NULL (RFC 4055 §2.1).
    fileprivate init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            let identifier = try ASN1ObjectIdentifier(derEncoded: &nodes)
            let parameters = nodes.next()
            guard let hash = Self.allCases.first(where: { $0.identifier == identifier }) else {
                throw OCSPRequestError.unsupportedHash(identifier.description)
            }
            guard try parameters?.primitive(.null).isEmpty ?? true else { throw UnexpectedDER() }
            return hash
        }
    }

    fileprivate var byteCount: Int { self == .sha1 ? 20 : 32 }

    private var identifier: ASN1ObjectIdentifier {
        self == .sha1 ? [1, 3, 14, 3, 2, 26] : [2, 16, 840, 1, 101, 3, 4, 2, 1]
    }

    fileprivate var encodedIdentifier: [UInt8] {
        switch self {
        case .sha1: [0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a]
        case .sha256: [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
        }
    }

    fileprivate func digest(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let data = Array(bytes)
        return switch self {
        case .sha1: Array(Insecure.SHA1.hash(data: data))
        case .sha256: Array(SHA256.hash(data: data))
        }
    }
}
