// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
import X509

/// What a request asks for in its `extensionRequest` attribute (RFC 2985 §5.4.2).
///
/// Only names are taken. Asking for a CA certificate, for the right to sign certificates, or for a critical extension that
/// is not known is refused; other attributes and extensions are ignored, for profiles decide them.
struct RequestedExtensions {
    private(set) var names = SubjectNames()

    private static let attribute: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 14]
    /// [0] IMPLICIT SET OF Attribute.
    private static let attributes = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)

    /// - Throws: `CSRError`, `NameError`, `UnsupportedName`, or an error of the encoding.
    init(attributes node: ASN1Node) throws {
        var seen: Set<ASN1ObjectIdentifier> = []
        for attribute in try node.elements(Self.attributes) {
            let (identifier, values) = try DER.sequence(attribute, identifier: .sequence) { nodes in
                (try ASN1ObjectIdentifier(derEncoded: &nodes), try nodes.required().elements(.set))
            }
            guard seen.insert(identifier).inserted else { throw CSRError.duplicateAttribute(identifier.description) }
            guard identifier == Self.attribute else { continue }
            guard values.count == 1, let value = values.first else { throw UnexpectedDER() }
            for field in try ExtensionField.list(value, duplicate: { CSRError.duplicateExtension($0.description) }) {
                try read(field)
            }
        }
    }

    private mutating func read(_ field: ExtensionField) throws {
        switch field.identifier {
        case .X509ExtensionID.subjectAlternativeName:
            names = try SubjectNames(generalNames: field.value)
        case .X509ExtensionID.basicConstraints:
            guard try !BasicConstraintsField(field.value).isCA else { throw CSRError.asksForCA }
        case .X509ExtensionID.keyUsage:
            let usage = try KeyUsageField(field.value)
            guard usage.isDisjoint(with: [.keyCertSign, .cRLSign]) else { throw CSRError.asksForSigningUsage }
        case .X509ExtensionID.extendedKeyUsage:
            break  // policy decides the usage
        default:
            guard !field.isCritical else { throw CSRError.unknownCriticalExtension(field.identifier.description) }
        }
    }
}
