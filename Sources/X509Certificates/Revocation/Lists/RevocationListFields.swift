// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
import X509

/// A `TBSCertList`, taken apart strictly: only what lists of our CAs can say. It shares no code with what writes lists.
struct RevocationListFields {
    let algorithm: ArraySlice<UInt8>
    let issuer: ArraySlice<UInt8>
    let thisUpdate: CertificateTime
    let nextUpdate: CertificateTime
    let entries: [RevokedCertificate]
    let authorityKeyIdentifier: ArraySlice<UInt8>
    let number: RevocationListNumber
    /// Of a delta list.
    let base: RevocationListNumber?
    let distributionPoint: String?
    let freshest: String?

    /// - Throws: `RevocationListSyntaxError` or an error of the encoding.
    init(_ node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in try RevocationListFields(&nodes) }
    }

    private init(_ nodes: inout ASN1NodeCollection.Iterator) throws {
        guard try nodes.required().primitive(.integer).elementsEqual([1]) else { throw RevocationListSyntaxError.version }
        algorithm = try nodes.required().encodedBytes
        issuer = try nodes.required().encodedBytes
        thisUpdate = try Self.time(nodes.required())
        nextUpdate = try Self.time(nodes.required())
        var last = try nodes.required()
        if last.identifier == .sequence {
            entries = try Self.entries(last)
            last = try nodes.required()
        } else {
            entries = []
        }
        var values = try Self.extensions(last.explicit(0))
        func take(_ identifier: ASN1ObjectIdentifier) -> ArraySlice<UInt8>? { values.removeValue(forKey: identifier) }
        guard let keyIdentifier = take(.X509ExtensionID.authorityKeyIdentifier), let number = take(Self.listNumber) else {
            throw RevocationListSyntaxError.missingExtension
        }
        authorityKeyIdentifier = try X509Certificates.authorityKeyIdentifier(keyIdentifier)
        self.number = try Self.number(number)
        base = try take(Self.deltaIndicator).map(Self.number)
        distributionPoint = try take(Self.issuingDistributionPoint).map(issuingDistributionPointURI)
        freshest = try take(Self.freshestList).map(freshestListURI)
        // RFC 5280 §5.2.6 and §5.3.1: a delta list has none of its own, and only it takes entries back.
        guard base == nil || freshest == nil else { throw RevocationListSyntaxError.freshestOfDelta }
        guard base != nil || !entries.contains(where: { $0.reason == .removeFromList }) else {
            throw RevocationListSyntaxError.removalInFullList
        }
    }

    private static func entries(_ node: ASN1Node) throws -> [RevokedCertificate] {
        var entries: [RevokedCertificate] = []
        for node in try node.elements(.sequence) {
            let entry = try DER.sequence(node, identifier: .sequence) { nodes in
                let serial = try nodes.required()
                // Refuses negative numbers and leading zeros.
                _ = try ArraySlice<UInt8>(derEncoded: serial)
                guard let serial = SerialNumber(magnitude: try serial.primitive(.integer)) else {
                    throw RevocationListSyntaxError.serialNumber
                }
                let time = try time(nodes.required())
                return RevokedCertificate(
                    serial: serial, time: time, reason: try nodes.next().map(Self.reason) ?? .unspecified)
            }
            if let previous = entries.last, !previous.serial.bytes.lexicographicallyPrecedes(entry.serial.bytes) {
                throw RevocationListSyntaxError.order
            }
            entries.append(entry)
        }
        guard !entries.isEmpty else { throw UnexpectedDER() }
        return entries
    }

    /// The only extension of an entry.
    private static func reason(_ node: ASN1Node) throws -> RevocationReason {
        try DER.sequence(node, identifier: .sequence) { nodes in
            let field = try ExtensionField(nodes.required())
            guard field.identifier == reasonCode, !field.isCritical else {
                throw RevocationListSyntaxError.unexpectedExtension(field.identifier.description)
            }
            let code = Array(try DER.parse(field.value).primitive(.enumerated))
            guard code.count == 1, let reason = RevocationReason(rawValue: code[0]), reason != .unspecified else {
                throw RevocationListSyntaxError.reason
            }
            return reason
        }
    }

    /// Their values, with the right criticality each.
    private static func extensions(_ node: ASN1Node) throws -> [ASN1ObjectIdentifier: ArraySlice<UInt8>] {
        var values: [ASN1ObjectIdentifier: ArraySlice<UInt8>] = [:]
        for field in try ExtensionField.list(
            node, duplicate: { RevocationListSyntaxError.duplicateExtension($0.description) })
        {
            guard let isCritical = criticality[field.identifier] else {
                throw RevocationListSyntaxError.unexpectedExtension(field.identifier.description)
            }
            guard field.isCritical == isCritical else {
                throw RevocationListSyntaxError.criticality(field.identifier.description)
            }
            values[field.identifier] = field.value
        }
        return values
    }

    private static func time(_ node: ASN1Node) throws -> CertificateTime {
        try decoding(orThrow: RevocationListSyntaxError.time) { try CertificateTime(node) }
    }

    private static func number(_ value: ArraySlice<UInt8>) throws -> RevocationListNumber {
        let node = try DER.parse(value)
        _ = try ArraySlice<UInt8>(derEncoded: node)
        guard let number = RevocationListNumber(magnitude: try node.primitive(.integer)) else {
            throw RevocationListSyntaxError.number
        }
        return number
    }

    private static let listNumber: ASN1ObjectIdentifier = [2, 5, 29, 20]
    private static let reasonCode: ASN1ObjectIdentifier = [2, 5, 29, 21]
    private static let deltaIndicator: ASN1ObjectIdentifier = [2, 5, 29, 27]
    private static let issuingDistributionPoint: ASN1ObjectIdentifier = [2, 5, 29, 28]
    private static let freshestList: ASN1ObjectIdentifier = [2, 5, 29, 46]
    private static let criticality: [ASN1ObjectIdentifier: Bool] = [
        .X509ExtensionID.authorityKeyIdentifier: false, listNumber: false, deltaIndicator: true,
        issuingDistributionPoint: true, freshestList: false,
    ]
}

package enum RevocationListSyntaxError: Error, Hashable, CustomStringConvertible {
    case tooLarge(limit: Int)
    case tooMany(limit: Int)
    case pem(PEMError)
    case malformed
    case version
    case signatureAlgorithm
    /// Not the one encoding of the time that RFC 5280 §5.1.2.4 allows.
    case time
    case number
    case serialNumber
    /// Entries do not ascend by serial number, or one is there twice.
    case order
    case reason
    case missingExtension
    /// By object identifier, in the list or in an entry.
    case unexpectedExtension(String)
    case duplicateExtension(String)
    case criticality(String)
    case freshestOfDelta
    case removalInFullList

    package var description: String {
        switch self {
        case .tooLarge(let limit): "the revocation list is larger than \(limit) bytes"
        case .tooMany(let limit): "there are more than \(limit) revocation lists"
        case .pem(let error): "the revocation list \(error)"
        case .malformed: "the revocation list is not one in DER"
        case .version: "the revocation list's version is not 2"
        case .signatureAlgorithm: "the revocation list is signed by an algorithm that is not supported, or names two"
        case .time: "a time of the revocation list is not UTCTime through 2049 and GeneralizedTime after, in UTC"
        case .number: "the revocation list's number is longer than 20 bytes"
        case .serialNumber: "a serial number of the revocation list is not one of ours"
        case .order: "the entries of the revocation list do not ascend by serial number"
        case .reason: "a reason of the revocation list is unknown, or is the one that is left out"
        case .missingExtension: "the revocation list lacks its number or the key identifier of its CA"
        case .unexpectedExtension(let identifier): "the revocation list has the extension `\(identifier)`, which is unknown"
        case .duplicateExtension(let identifier): "the revocation list has the extension `\(identifier)` twice"
        case .criticality(let identifier): "the revocation list has the wrong criticality for the extension `\(identifier)`"
        case .freshestOfDelta: "the delta list names a delta list"
        case .removalInFullList: "the full revocation list removes an entry"
        }
    }
}
