// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

// Values of the extensions, read strictly. All initialisers throw errors of the encoding.

/// RFC 5280 §4.2.1.9.
struct BasicConstraintsField: Equatable {
    let isCA: Bool
    let pathLength: Int?

    init(isCA: Bool, pathLength: Int?) {
        self.isCA = isCA
        self.pathLength = pathLength
    }

    init(_ value: ArraySlice<UInt8>) throws {
        (isCA, pathLength) = try DER.sequence(DER.parse(value), identifier: .sequence) { nodes in
            guard let first = nodes.next() else { return (false, nil) }
            // FALSE is the default, which DER does not write; and a path length is only for CAs.
            guard try Bool(derEncoded: first) else { throw UnexpectedDER() }
            guard let second = nodes.next() else { return (true, nil) }
            let pathLength = try Int(derEncoded: second)
            guard pathLength >= 0 else { throw UnexpectedDER() }
            return (true, pathLength)
        }
    }
}

/// RFC 5280 §4.2.1.3. Raw values are bit numbers counted from the most significant bit of the first byte, as in the RFC.
struct KeyUsageField: OptionSet {
    let rawValue: UInt16

    static let digitalSignature = bit(0)
    static let keyCertSign = bit(5)
    static let cRLSign = bit(6)

    private static func bit(_ number: Int) -> Self { Self(rawValue: 0x8000 >> number) }

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(_ value: ArraySlice<UInt8>) throws {
        let contents = try DER.parse(value).primitive(.bitString)
        let bits = contents.dropFirst()
        // A named bit list has no trailing zero bits (X.690 §11.2.2); nine bits are defined.
        guard let unused = contents.first, let last = bits.last, bits.count <= 2, last != 0,
            last.trailingZeroBitCount == unused
        else { throw UnexpectedDER() }
        rawValue = UInt16(bits.first ?? 0) << 8 | UInt16(bits.dropFirst().first ?? 0)
    }
}

/// RFC 5280 §4.2.1.12, in order.
struct ExtendedKeyUsageField: Equatable {
    static let serverAuth: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 1]
    static let clientAuth: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 2]
    static let ocspSigning: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 3, 9]

    let purposes: [ASN1ObjectIdentifier]

    init(purposes: [ASN1ObjectIdentifier]) { self.purposes = purposes }

    init(_ value: ArraySlice<UInt8>) throws {
        purposes = try DER.parse(value).elements(.sequence).map { try ASN1ObjectIdentifier(derEncoded: $0) }
    }
}

/// One name of RFC 5280 §4.2.1.6, not looked into.
struct GeneralNameField: Equatable {
    let kind: GeneralNameKind
    let bytes: ArraySlice<UInt8>

    static func list(_ value: ArraySlice<UInt8>) throws -> [GeneralNameField] {
        try list(DER.parse(value).elements(.sequence))
    }

    static func list(_ nodes: [ASN1Node]) throws -> [GeneralNameField] {
        try nodes.map { node in
            guard node.identifier.tagClass == .contextSpecific,
                let kind = GeneralNameKind(rawValue: node.identifier.tagNumber)
            else { throw UnexpectedDER() }
            return GeneralNameField(kind: kind, bytes: try node.primitive(node.identifier))
        }
    }

    /// What a certificate with these names has, in this order.
    static func list(_ names: SubjectNames) -> [GeneralNameField] {
        func field(_ kind: GeneralNameKind, _ text: String) -> GeneralNameField {
            GeneralNameField(kind: kind, bytes: Array(text.utf8)[...])
        }
        return names.dns.map { field(.dnsName, $0.text) }
            + names.ips.map { GeneralNameField(kind: .ipAddress, bytes: $0.bytes[...]) }
            + names.emails.map { field(.rfc822Name, $0.text) }
            + names.uris.map { field(.uniformResourceIdentifier, $0.text) }
    }
}

/// RFC 5280 §4.2.1.2.
func subjectKeyIdentifier(_ value: ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    try DER.parse(value).primitive(.octetString)
}

/// RFC 5280 §4.2.1.1, with a key identifier and nothing else.
func authorityKeyIdentifier(_ value: ArraySlice<UInt8>) throws -> ArraySlice<UInt8> {
    try DER.sequence(DER.parse(value), identifier: .sequence) { nodes in
        try nodes.required().primitive(ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific))
    }
}
