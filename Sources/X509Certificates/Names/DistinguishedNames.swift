// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// `Name` (RFC 5280 §4.1.2.4) as we write it: nothing, or one common name as a UTF8String.
func encodedSubject(_ commonName: CommonName?) -> [UInt8] {
    guard let commonName else { return element(.sequence) }
    let attribute = element(.sequence, [0x06, 0x03, 0x55, 0x04, 0x03], element(.utf8String, Array(commonName.text.utf8)))
    return element(.sequence, element(.set, attribute))
}

/// An attribute of a `Name`, one after the other, sets dissolved.
struct NameAttribute {
    static let commonName: ASN1ObjectIdentifier = [2, 5, 4, 3]

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
