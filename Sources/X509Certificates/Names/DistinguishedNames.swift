// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// `Name` (RFC 5280 §4.1.2.4) as we write it: organizations and then the common name, the general before the particular, each
/// in a set of its own, as UTF8Strings.
func encodedSubject(_ subject: Subject) -> [UInt8] {
    func attribute(_ identifier: [UInt8], _ text: String) -> [UInt8] {
        element(.set, element(.sequence, identifier, element(.utf8String, Array(text.utf8))))
    }
    let organizations = subject.organizations.flatMap { attribute([0x06, 0x03, 0x55, 0x04, 0x0a], $0.text) }
    let commonName = subject.commonName.map { attribute([0x06, 0x03, 0x55, 0x04, 0x03], $0.text) } ?? []
    return element(.sequence, organizations, commonName)
}

/// An attribute of a `Name`, one after the other, sets dissolved.
struct NameAttribute {
    static let commonName: ASN1ObjectIdentifier = [2, 5, 4, 3]
    static let organization: ASN1ObjectIdentifier = [2, 5, 4, 10]

    let identifier: ASN1ObjectIdentifier
    let value: ASN1Node

    static func list(_ name: ASN1Node) throws -> [NameAttribute] {
        try name.elements(.sequence).flatMap { set in
            let attributes = try set.elements(.set).map { attribute in
                try DER.sequence(attribute, identifier: .sequence) { nodes in
                    NameAttribute(identifier: try ASN1ObjectIdentifier(derEncoded: &nodes), value: try nodes.required())
                }
            }
            guard !attributes.isEmpty else { throw UnexpectedDER() }
            return attributes
        }
    }

    /// The text, where it is one of the two string types that new certificates may use (RFC 5280 §4.1.2.4).
    var text: String? {
        guard let bytes = (try? value.primitive(.utf8String)) ?? (try? value.primitive(.printableString)) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
