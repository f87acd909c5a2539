// SPDX-License-Identifier: Apache-2.0

/// The alternative names of a certificate, each valid by type, none twice, in the order in which they were given.
package struct SubjectNames: Hashable, Sendable {
    package let dns: [DNSName]
    package let ips: [IPAddressName]
    package let emails: [EmailName]
    package let uris: [URIName]

    /// Far above what one certificate needs; TLS stacks refuse chains above some ten kilobytes.
    package static let maximumCount = 256

    /// No names.
    package init() {
        dns = []
        ips = []
        emails = []
        uris = []
    }

    package init(
        dns: [DNSName] = [], ips: [IPAddressName] = [], emails: [EmailName] = [], uris: [URIName] = []
    ) throws(NameError) {
        guard dns.count + ips.count + emails.count + uris.count <= Self.maximumCount else {
            throw .tooMany(limit: Self.maximumCount)
        }
        try Self.requireDistinct(dns)
        try Self.requireDistinct(ips)
        try Self.requireDistinct(emails)
        try Self.requireDistinct(uris)
        if uris.count > 1, let spiffeID = uris.first(where: \.isSPIFFEID) { throw .spiffeIDNotAlone(spiffeID.text) }
        self.dns = dns
        self.ips = ips
        self.emails = emails
        self.uris = uris
    }

    package init(
        dns: [String] = [], ips: [String] = [], emails: [String] = [], uris: [String] = []
    ) throws(NameError) {
        var checked: (dns: [DNSName], ips: [IPAddressName], emails: [EmailName], uris: [URIName]) = ([], [], [], [])
        for text in dns { checked.dns.append(try DNSName(text)) }
        for text in ips { checked.ips.append(try IPAddressName(text)) }
        for text in emails { checked.emails.append(try EmailName(text)) }
        for text in uris { checked.uris.append(try URIName(text)) }
        try self.init(dns: checked.dns, ips: checked.ips, emails: checked.emails, uris: checked.uris)
    }

    package var isEmpty: Bool { dns.isEmpty && ips.isEmpty && emails.isEmpty && uris.isEmpty }

    /// `DNS:…`, `IP:…`, `email:…`, `URI:…`, as openssl writes them.
    package var described: [String] {
        dns.map { "DNS:\($0)" } + ips.map { "IP:\($0)" } + emails.map { "email:\($0)" } + uris.map { "URI:\($0)" }
    }

    private static func requireDistinct<Name: Hashable & CustomStringConvertible>(_ names: [Name]) throws(NameError) {
        var seen: Set<Name> = []
        for name in names where !seen.insert(name).inserted { throw .duplicate(name.description) }
    }
}
