// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Everything that a revocation list will say, but for its entries.
package struct RevocationListProfile: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// - Parameter freshest: where delta lists to it are.
        case full(freshest: URIName?)
        /// What changed since the full list of that number (RFC 5280 §5.2.4).
        case delta(base: RevocationListNumber)
    }

    package let number: RevocationListNumber
    package let kind: Kind
    /// Where the list is published. It stands in the list, critical, so that none passes for another one of the same CA; then
    /// certificates must name the same address.
    package let distributionPoint: URIName?
    let thisUpdate: CertificateTime
    let nextUpdate: CertificateTime

    /// A full list.
    ///
    /// - Parameters:
    ///   - previous: the number of the newest list of this CA, full or delta.
    ///   - nextUpdate: when relying parties stop to believe it; after `thisUpdate`, in whole seconds both.
    package static func full(
        number: RevocationListNumber, after previous: RevocationListNumber?, thisUpdate: Date, nextUpdate: Date,
        distributionPoint: String? = nil, freshest: String? = nil
    ) throws(RevocationListError) -> RevocationListProfile {
        try RevocationListProfile(
            number: number, after: previous, kind: .full(freshest: address(freshest)), thisUpdate: thisUpdate,
            nextUpdate: nextUpdate, distributionPoint: distributionPoint)
    }

    /// A delta list.
    ///
    /// - Parameter base: the number of the full list to which it is added; that list has the same distribution point.
    package static func delta(
        base: RevocationListNumber, number: RevocationListNumber, after previous: RevocationListNumber?, thisUpdate: Date,
        nextUpdate: Date, distributionPoint: String? = nil
    ) throws(RevocationListError) -> RevocationListProfile {
        guard base < number else { throw .number }
        return try RevocationListProfile(
            number: number, after: previous, kind: .delta(base: base), thisUpdate: thisUpdate, nextUpdate: nextUpdate,
            distributionPoint: distributionPoint)
    }

    private init(
        number: RevocationListNumber, after previous: RevocationListNumber?, kind: Kind, thisUpdate: Date, nextUpdate: Date,
        distributionPoint: String?
    ) throws(RevocationListError) {
        guard previous.map({ $0 < number }) ?? true else { throw .number }
        guard let thisUpdate = CertificateTime(thisUpdate), let nextUpdate = CertificateTime(nextUpdate) else { throw .time }
        guard thisUpdate < nextUpdate else { throw .endsBeforeItBegins }
        self.number = number
        self.kind = kind
        self.distributionPoint = try Self.address(distributionPoint)
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
    }

    private static func address(_ text: String?) throws(RevocationListError) -> URIName? {
        guard let text else { return nil }
        guard let address = try? URIName.statusAddress(text) else { throw .address(text) }
        return address
    }
}
