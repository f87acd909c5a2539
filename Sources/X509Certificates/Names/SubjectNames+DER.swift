// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

extension SubjectNames {
    /// `GeneralNames` (RFC 5280 §4.2.1.6).
    var encoded: [UInt8] {
        var names: [UInt8] = []
        for name in dns { names += element(.dnsName, Array(name.text.utf8)) }
        for name in ips { names += element(.ipName, name.bytes) }
        for name in emails { names += element(.emailName, Array(name.text.utf8)) }
        for name in uris { names += element(.uriName, Array(name.text.utf8)) }
        return element(.sequence, names)
    }

    /// - Throws: `NameError`, `UnsupportedName`, or an error of the encoding.
    init(generalNames bytes: ArraySlice<UInt8>) throws {
        let nodes = try DER.parse(bytes).elements(.sequence)
        guard !nodes.isEmpty else { throw UnexpectedDER() }
        guard nodes.count <= Self.maximumCount else { throw NameError.tooMany(limit: Self.maximumCount) }
        var names: (dns: [DNSName], ips: [IPAddressName], emails: [EmailName], uris: [URIName]) = ([], [], [], [])
        for node in nodes {
            guard node.identifier.tagClass == .contextSpecific else { throw UnexpectedDER() }
            guard let kind = GeneralNameKind(rawValue: node.identifier.tagNumber) else { throw UnexpectedDER() }
            // Bytes that are not UTF-8 become U+FFFD, which no name may have.
            func text() throws -> String { String(decoding: try node.primitive(node.identifier), as: UTF8.self) }
            switch kind {
            case .dnsName: names.dns.append(try DNSName(text()))
            case .ipAddress: names.ips.append(try IPAddressName(bytes: Array(node.primitive(node.identifier))))
            case .rfc822Name: names.emails.append(try EmailName(text()))
            case .uniformResourceIdentifier: names.uris.append(try URIName(text()))
            case .otherName, .x400Address, .directoryName, .ediPartyName, .registeredID: throw UnsupportedName(kind: kind)
            }
        }
        try self.init(dns: names.dns, ips: names.ips, emails: names.emails, uris: names.uris)
    }
}

struct UnsupportedName: Error {
    let kind: GeneralNameKind
}

/// The choices of `GeneralName`, by tag.
package enum GeneralNameKind: UInt, Sendable {
    case otherName = 0
    case rfc822Name
    case dnsName
    case x400Address
    case directoryName
    case ediPartyName
    case uniformResourceIdentifier
    case ipAddress
    case registeredID
}
