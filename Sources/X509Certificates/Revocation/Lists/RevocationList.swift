// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import SwiftASN1

/// A revocation list of one of our CAs, read strictly. Nothing in it is to be believed before `isSigned(by:)`.
package struct RevocationList: Sendable {
    package let der: [UInt8]
    private let fields: RevocationListFields
    private let algorithm: X509SignatureAlgorithm
    private let toBeSigned: [UInt8]
    private let signature: [UInt8]

    /// Enough for half a million entries.
    package static let maximumBytes = 32 << 20

    /// - Parameter pem: one block labelled `X509 CRL`.
    package init(pem: String) throws(RevocationListSyntaxError) {
        guard pem.utf8.count <= Self.maximumBytes * 3 / 2 else { throw .tooLarge(limit: Self.maximumBytes) }
        let der: [UInt8]
        do {
            der = try PEM.decode(pem.utf8, labels: ["X509 CRL"])
        } catch {
            throw .pem(error)
        }
        try self.init(der: der)
    }

    /// The lists of a file that servers read, one after the other and nothing else.
    /// - Parameter limit: how many there may be.
    package static func all(inPEM text: String, limit: Int) throws(RevocationListSyntaxError) -> [RevocationList] {
        let end = "-----END X509 CRL-----\n"
        var lists: [RevocationList] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard lists.count < limit else { throw .tooMany(limit: limit) }
            guard let last = rest.firstRange(of: end)?.upperBound else { throw .pem(.truncated) }
            lists.append(try RevocationList(pem: String(rest[..<last])))
            rest = rest[last...]
        }
        return lists
    }

    package init(der: [UInt8]) throws(RevocationListSyntaxError) {
        guard der.count <= Self.maximumBytes else { throw .tooLarge(limit: Self.maximumBytes) }
        self = try decoding(orThrow: RevocationListSyntaxError.malformed) { try Self(decoding: der) }
    }

    private init(decoding der: [UInt8]) throws {
        let (node, outerAlgorithm, signature) = try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
            (try nodes.required(), try nodes.required(), try nodes.required().wholeBytes())
        }
        fields = try RevocationListFields(node)
        guard let algorithm = X509SignatureAlgorithm(encoded: outerAlgorithm.encodedBytes),
            fields.algorithm.elementsEqual(outerAlgorithm.encodedBytes)
        else { throw RevocationListSyntaxError.signatureAlgorithm }
        self.algorithm = algorithm
        toBeSigned = Array(node.encodedBytes)
        self.signature = Array(signature)
        self.der = der
    }

    package var pem: String { PEM.encode(der, label: "X509 CRL") }
    package var number: RevocationListNumber { fields.number }

    /// Which CA it says it is of: name and key, for a CA keeps its name when its key is replaced.
    package struct Issuer: Hashable, Sendable {
        let name: [UInt8]
        let keyIdentifier: [UInt8]
    }

    package var issuer: Issuer {
        Issuer(name: Array(fields.issuer), keyIdentifier: Array(fields.authorityKeyIdentifier))
    }

    /// Of a delta list: the number of the full list to which it is added.
    package var base: RevocationListNumber? { fields.base }
    package var thisUpdate: Date { fields.thisUpdate.date }
    package var nextUpdate: Date { fields.nextUpdate.date }
    package var distributionPoint: String? { fields.distributionPoint }
    package var freshest: String? { fields.freshest }
    /// In ascending order of their serial numbers.
    package var revoked: [RevokedCertificate] { fields.entries }

    /// Whether it is a list of that CA: its name, its key and its signature.
    package func isSigned(by issuer: IssuerCertificate) -> Bool {
        issuer.maySignRevocationLists && fields.issuer.elementsEqual(issuer.subjectName)
            && fields.authorityKeyIdentifier.elementsEqual(issuer.keyIdentifier)
            && issuer.publicKey.verifies(signature, over: toBeSigned, with: algorithm)
    }
}
