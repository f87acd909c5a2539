// SPDX-License-Identifier: Apache-2.0

extension EncodedExtension {
    /// 1.3.6.1.5.5.7.3.9.
    static let ocspSigning = encode(
        37, critical: false, element(.sequence, [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x09]))

    /// RFC 6960 §4.2.2.2.1.
    static let ocspNoCheck = encode(identifier: ocsp(5), critical: false, element(.null))

    static func ocspNonce(_ nonce: [UInt8]) -> [UInt8] {
        encode(identifier: ocsp(2), critical: false, element(.octetString, nonce))
    }

    static func statusSource(_ source: StatusSource) -> [[UInt8]] {
        switch source {
        case .unstated: []
        case .published(let status):
            (status.lists.isEmpty ? [] : [encode(31, critical: false, distributionPoints(status.lists))])
                + (status.ocsp.map { [authorityInformationAccess(ocsp: $0)] } ?? [])
        case .notAvailable: [encode(56, critical: false, element(.null))]
        }
    }

    static func revocationListNumber(_ number: RevocationListNumber) -> [UInt8] {
        encode(20, critical: false, number.encoded)
    }

    static func deltaIndicator(base: RevocationListNumber) -> [UInt8] {
        encode(27, critical: true, base.encoded)
    }

    static func issuingDistributionPoint(_ address: URIName) -> [UInt8] {
        encode(28, critical: true, element(.sequence, distributionPointName([address])))
    }

    static func freshestList(_ address: URIName) -> [UInt8] {
        encode(46, critical: false, distributionPoints([address]))
    }

    static func reason(_ reason: RevocationReason) -> [UInt8] {
        encode(21, critical: false, element(.enumerated, [reason.rawValue]))
    }

    /// `CRLDistributionPoints` of one point with several addresses (RFC 5280 §4.2.1.13).
    private static func distributionPoints(_ addresses: [URIName]) -> [UInt8] {
        element(.sequence, element(.sequence, distributionPointName(addresses)))
    }

    /// `fullName` within `distributionPoint`.
    private static func distributionPointName(_ addresses: [URIName]) -> [UInt8] {
        element(.explicit0, element(.explicit0, addresses.flatMap { element(.uriName, Array($0.text.utf8)) }))
    }

    /// RFC 5280 §4.2.2.1, with the access method 1.3.6.1.5.5.7.48.1.
    private static func authorityInformationAccess(ocsp address: URIName) -> [UInt8] {
        encode(
            identifier: [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01], critical: false,
            element(
                .sequence,
                element(
                    .sequence, [0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01],
                    element(.uriName, Array(address.text.utf8)))))
    }

    /// 1.3.6.1.5.5.7.48.1.x.
    private static func ocsp(_ last: UInt8) -> [UInt8] {
        [0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, last]
    }
}
