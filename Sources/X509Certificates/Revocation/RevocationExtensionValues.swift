// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

// Values of the extensions about revocation, read strictly. All functions throw errors of the encoding.

extension ASN1ObjectIdentifier {
    static let distributionPoints: ASN1ObjectIdentifier = [2, 5, 29, 31]
    static let noRevocationAvailable: ASN1ObjectIdentifier = [2, 5, 29, 56]
    static let authorityInformationAccess: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 1, 1]
    static let ocsp: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 48, 1]
    static let ocspBasic: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 48, 1, 1]
    static let ocspNonce: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 48, 1, 2]
    static let ocspNoCheck: ASN1ObjectIdentifier = [1, 3, 6, 1, 5, 5, 7, 48, 1, 5]
}

extension ASN1Identifier {
    static func context(_ number: UInt) -> ASN1Identifier {
        ASN1Identifier(tagWithNumber: number, tagClass: .contextSpecific)
    }
}

extension ASN1Node {
    /// The only element within an explicit tag.
    func explicit(_ number: UInt) throws -> ASN1Node {
        let nodes = try elements(.context(number))
        guard nodes.count == 1 else { throw UnexpectedDER() }
        return nodes[0]
    }
}

func isNull(_ value: ArraySlice<UInt8>) throws -> Bool {
    try DER.parse(value).primitive(.null).isEmpty
}

/// The addresses of the one point of a `CRLDistributionPoints` (RFC 5280 §4.2.1.13), which has nothing else.
func distributionPointURIs(_ value: ArraySlice<UInt8>) throws -> [String] {
    try DER.sequence(DER.parse(value), identifier: .sequence) { points in
        try DER.sequence(points.required(), identifier: .sequence) { try distributionPointURIs($0.required()) }
    }
}

/// The address of an `IssuingDistributionPoint` (RFC 5280 §5.2.5), which has nothing else.
func issuingDistributionPointURI(_ value: ArraySlice<UInt8>) throws -> String {
    try DER.sequence(DER.parse(value), identifier: .sequence) { try only(distributionPointURIs($0.required())) }
}

/// The address of a `FreshestCRL` (RFC 5280 §5.2.6).
func freshestListURI(_ value: ArraySlice<UInt8>) throws -> String {
    try only(distributionPointURIs(value))
}

/// The address of the only description of an `AuthorityInfoAccessSyntax`, which is one of OCSP.
func ocspURI(_ value: ArraySlice<UInt8>) throws -> String {
    try DER.sequence(DER.parse(value), identifier: .sequence) { descriptions in
        try DER.sequence(descriptions.required(), identifier: .sequence) { nodes in
            guard try ASN1ObjectIdentifier(derEncoded: &nodes) == .ocsp else { throw UnexpectedDER() }
            return try only(uris([nodes.required()]))
        }
    }
}

private func distributionPointURIs(_ node: ASN1Node) throws -> [String] {
    try uris(node.explicit(0).elements(.context(0)))
}

private func uris(_ nodes: [ASN1Node]) throws -> [String] {
    try GeneralNameField.list(nodes).map { name in
        guard name.kind == .uniformResourceIdentifier, let text = String(validating: name.bytes, as: UTF8.self) else {
            throw UnexpectedDER()
        }
        return text
    }
}

private func only(_ texts: [String]) throws -> String {
    guard texts.count == 1 else { throw UnexpectedDER() }
    return texts[0]
}
