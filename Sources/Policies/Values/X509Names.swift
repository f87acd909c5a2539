// SPDX-License-Identifier: Apache-2.0

/// The names of an X.509 certificate besides its subject. Valid by construction, without duplicates, sorted.
package struct X509Names: Hashable, Sendable {
    /// More than any CSR of ours needs.
    package static let maximumCount = 100

    package let dns: [String]
    package let ips: [IPAddress]
    package let emails: [String]
    package let uris: [String]

    /// - Throws: `RequestError` naming the first name that no certificate may have, or that is there twice.
    package init(
        dns: [String] = [], ips: [IPAddress] = [], emails: [String] = [], uris: [String] = []
    ) throws(RequestError) {
        let count = dns.count + ips.count + emails.count + uris.count
        guard count <= Self.maximumCount else { throw .tooManyNames(limit: Self.maximumCount) }
        for name in dns {
            do {
                guard try HostName(name).address == nil else { throw RequestError.invalidName(name, place: "a DNS name") }
            } catch let error as HostNameError {
                throw .invalidHost(error)
            } catch {
                throw .invalidName(name, place: "a DNS name")
            }
        }
        for email in emails where !Names.isEmail(email) { throw .invalidName(email, place: "an e-mail address") }
        for uri in uris where !Names.isURI(uri) { throw .invalidName(uri, place: "a URI") }
        guard uris.count < 2 || !uris.contains(where: Names.isSPIFFE) else { throw .spiffeBesideOthers }
        let all = dns + ips.map(\.description) + emails + uris
        var seen: Set<String> = []
        for name in all where !seen.insert(name).inserted { throw .duplicateName(name) }
        self.init(checked: dns, ips: ips, emails: emails, uris: uris)
    }

    /// Sorts names by what they look like: a URI has a scheme, an e-mail address an `@`.
    package init(sorting names: [String]) throws(RequestError) {
        var (dns, ips, emails, uris): ([String], [IPAddress], [String], [String]) = ([], [], [], [])
        for name in names {
            if let address = IPAddress(name) {
                ips.append(address)
            } else if name.utf8.contains(UInt8(ascii: ":")) {
                uris.append(name)
            } else if name.utf8.contains(UInt8(ascii: "@")) {
                emails.append(name)
            } else {
                dns.append(name)
            }
        }
        try self.init(dns: dns, ips: ips, emails: emails, uris: uris)
    }

    init(checked dns: [String], ips: [IPAddress], emails: [String], uris: [String]) {
        self.dns = dns.sorted()
        self.ips = ips.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        self.emails = emails.sorted()
        self.uris = uris.sorted()
    }

    package var isEmpty: Bool { dns.isEmpty && ips.isEmpty && emails.isEmpty && uris.isEmpty }
}
