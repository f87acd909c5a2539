// SPDX-License-Identifier: Apache-2.0

/// What an end-entity certificate says about where its revocation is told. One of three, so that `noRevAvail` never stands
/// beside addresses (RFC 9608 §3).
package enum StatusSource: Hashable, Sendable {
    case unstated
    case published(PublishedStatus)
    /// Relying parties need not ask: `noRevAvail` (RFC 9608). For certificates that end before a list would be read.
    case notAvailable
}

/// Addresses of revocation lists and of an OCSP responder; at least one.
package struct PublishedStatus: Hashable, Sendable {
    /// All of the same list.
    package let lists: [URIName]
    package let ocsp: URIName?

    /// More mirrors than anybody has.
    package static let maximumLists = 8

    /// - Throws: `ProfileError.statusAddress` for what is not `http://…`: whoever fetches a list over TLS may need a list for
    ///   that (RFC 5280 §8). Lists and responses are signed and need none.
    package init(lists: [String] = [], ocsp: String? = nil) throws(ProfileError) {
        guard !lists.isEmpty || ocsp != nil else { throw .statusAddress("") }
        guard lists.count <= Self.maximumLists else { throw .tooManyStatusAddresses(limit: Self.maximumLists) }
        var checked: [URIName] = []
        for text in lists {
            let address = try URIName.statusAddress(text)
            guard !checked.contains(address) else { throw .statusAddress(text) }
            checked.append(address)
        }
        self.lists = checked
        self.ocsp = if let ocsp { try URIName.statusAddress(ocsp) } else { nil }
    }
}

extension URIName {
    static func statusAddress(_ text: String) throws(ProfileError) -> URIName {
        guard text.hasPrefix("http://"), let address = try? URIName(text) else { throw .statusAddress(text) }
        return address
    }
}
