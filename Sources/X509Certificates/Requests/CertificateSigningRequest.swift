// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// A PKCS#10 request (RFC 2986) whose key is strong enough and whose self-signature was verified. What it asks for is not
/// decided by that: policy does.
package struct CertificateSigningRequest: Sendable {
    package let publicKey: SubjectPublicKey
    package let requestedNames: SubjectNames
    /// Other attributes of the subject are ignored: no certificate of ours has them.
    package let commonName: CommonName?

    /// Of PEM or DER.
    package static let maximumBytes = 65_536

    package init(parsing text: String) throws(CSRError) {
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLarge(limit: Self.maximumBytes) }
        try self.init(parsing: Array(text.utf8))
    }

    /// - Parameter bytes: DER, or one PEM block labelled `CERTIFICATE REQUEST` or `NEW CERTIFICATE REQUEST`.
    package init(parsing bytes: [UInt8]) throws(CSRError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge(limit: Self.maximumBytes) }
        // DER begins with the tag of a SEQUENCE, which is the digit 0 and so begins no PEM.
        if bytes.first == Tag.sequence.rawValue {
            try self.init(der: bytes)
        } else {
            let der: [UInt8]
            do {
                der = try PEM.decode(bytes, labels: ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"])
            } catch {
                throw .pem(error)
            }
            try self.init(der: der)
        }
    }

    private init(der: [UInt8]) throws(CSRError) {
        self = try decoding(orThrow: CSRError.malformed) {
            do {
                return try Self(DER.parse(der))
            } catch let error as PublicKeyError {
                throw CSRError.publicKey(error)
            } catch let error as NameError {
                throw CSRError.name(error)
            } catch let error as UnsupportedName {
                throw CSRError.unsupportedName(error.kind)
            }
        }
    }

    private init(_ node: ASN1Node) throws {
        let (information, algorithm, signature) = try DER.sequence(node, identifier: .sequence) { nodes in
            (try nodes.required(), try nodes.required(), try nodes.required().wholeBytes())
        }
        let (subject, key, attributes) = try DER.sequence(information, identifier: .sequence) { nodes in
            guard try nodes.required().primitive(.integer).elementsEqual([0]) else { throw CSRError.version }
            return (try nodes.required(), try nodes.required(), try nodes.required())
        }
        // The cheap checks come before the expensive one; nothing is believed until the last has passed.
        publicKey = try SubjectPublicKey(key)
        commonName = try Self.commonName(subject)
        requestedNames = try RequestedExtensions(attributes: attributes).names
        guard let signatureAlgorithm = X509SignatureAlgorithm(encoded: algorithm.encodedBytes) else {
            throw CSRError.unsupportedSignature(try Self.algorithmName(algorithm))
        }
        guard publicKey.verifies(signature, over: information.encodedBytes, with: signatureAlgorithm) else {
            throw CSRError.wrongSignature
        }
    }

    private static func commonName(_ subject: ASN1Node) throws -> CommonName? {
        let attributes = try NameAttribute.list(subject).filter { $0.identifier == NameAttribute.commonName }
        guard attributes.count <= 1 else { throw CSRError.severalCommonNames }
        guard let attribute = attributes.first else { return nil }
        guard let text = attribute.text else { throw NameError.commonName("") }
        return try CommonName(text)
    }

    private static func algorithmName(_ node: ASN1Node) throws -> String {
        guard let first = try node.elements(.sequence).first else { throw UnexpectedDER() }
        return KnownObjects.name(of: try ASN1ObjectIdentifier(derEncoded: first))
    }
}
