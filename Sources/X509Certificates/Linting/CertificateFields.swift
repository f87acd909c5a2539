// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// A `TBSCertificate`, taken apart strictly. It shares no code with what writes certificates.
struct CertificateFields {
    /// Contents of the INTEGER.
    let serial: ArraySlice<UInt8>
    let algorithm: ArraySlice<UInt8>
    let issuer: ArraySlice<UInt8>
    let validity: Validity
    let subject: ASN1Node
    let publicKey: ASN1Node
    let extensions: [ExtensionField]

    /// - Throws: `CertificateSyntaxError` or an error of the encoding.
    init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in try CertificateFields(&nodes) }
    }

    private init(_ nodes: inout ASN1NodeCollection.Iterator) throws {
        let version = try? nodes.required().elements(Self.version)
        guard let version, version.count == 1, try version.first?.primitive(.integer).elementsEqual([2]) == true else {
            throw CertificateSyntaxError.version
        }
        let serialNode = try nodes.required()
        // Refuses negative numbers and leading zeros.
        _ = try ArraySlice<UInt8>(derEncoded: serialNode)
        serial = try serialNode.primitive(.integer)
        algorithm = try nodes.required().encodedBytes
        issuer = try nodes.required().encodedBytes
        validity = try Self.validity(nodes.required())
        subject = try nodes.required()
        publicKey = try nodes.required()
        let last = try nodes.required()
        guard last.identifier != Self.issuerUniqueID, last.identifier != Self.subjectUniqueID else {
            throw CertificateSyntaxError.uniqueIdentifier
        }
        let list = try last.elements(Self.extensions)
        guard list.count == 1, let list = list.first else { throw UnexpectedDER() }
        extensions = try ExtensionField.list(list) { CertificateSyntaxError.duplicateExtension($0.description) }
    }

    private static func validity(_ node: ASN1Node) throws -> Validity {
        let times = try node.elements(.sequence)
        guard times.count == 2, let first = times.first, let last = times.last else { throw UnexpectedDER() }
        func time(_ node: ASN1Node) throws -> CertificateTime {
            try decoding(orThrow: CertificateSyntaxError.time) { try CertificateTime(node) }
        }
        return Validity(notBefore: try time(first), notAfter: try time(last))
    }

    private static let version = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
    private static let issuerUniqueID = ASN1Identifier(tagWithNumber: 1, tagClass: .contextSpecific)
    private static let subjectUniqueID = ASN1Identifier(tagWithNumber: 2, tagClass: .contextSpecific)
    private static let extensions = ASN1Identifier(tagWithNumber: 3, tagClass: .contextSpecific)
}

package enum CertificateSyntaxError: Error, Hashable, CustomStringConvertible {
    case version
    /// Not the one encoding of the time that RFC 5280 §4.1.2.5 allows.
    case time
    /// RFC 5280 §4.1.2.8: never generated.
    case uniqueIdentifier
    /// By object identifier.
    case duplicateExtension(String)

    package var description: String {
        switch self {
        case .version: "its version is not 3"
        case .time: "a time is not UTCTime through 2049 and GeneralizedTime after, in whole seconds of UTC"
        case .uniqueIdentifier: "it has a unique identifier of issuer or subject"
        case .duplicateExtension(let identifier): "it has the extension `\(identifier)` twice"
        }
    }
}
