// SPDX-License-Identifier: Apache-2.0

/// An absolute URI of at most 2048 characters, in the one way that leaves nothing to normalise: lower-case scheme and host,
/// no user, query, fragment, percent-encoding or dot segments. `spiffe:` URIs are SPIFFE IDs with a path, for a leaf names
/// a workload and not the trust domain.
package struct URIName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws(NameError) {
        guard text.utf8.count <= 2048, let colon = text.firstIndex(of: ":"), Self.isScheme(text[..<colon]) else {
            throw .uri(text)
        }
        let rest = text[text.index(after: colon)...]
        if text[..<colon] == "spiffe" {
            guard Self.isSPIFFE(rest) else { throw .spiffeID(text) }
        } else {
            guard Self.isOther(rest) else { throw .uri(text) }
        }
        self.text = text
    }

    package var description: String { text }

    package var isSPIFFEID: Bool { text.hasPrefix("spiffe:") }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, ASCII.isLower(first) else { return false }
        return text.utf8.allSatisfy { ASCII.isLower($0) || ASCII.isDigit($0) || "+-.".utf8.contains($0) }
    }

    /// After `spiffe:`: SPIFFE ID §2.1 and §2.2.
    private static func isSPIFFE(_ rest: Substring) -> Bool {
        guard let parts = hierarchical(rest), parts.count >= 2, let trustDomain = parts.first else { return false }
        return (1...255).contains(trustDomain.utf8.count)
            && trustDomain.utf8.allSatisfy { ASCII.isLower($0) || ASCII.isDigit($0) || "-_.".utf8.contains($0) }
            && parts.dropFirst().allSatisfy { isSegment($0) && $0.consists(ofLettersDigitsAnd: "-_.") }
    }

    /// A host must be a DNS name or an IPv4 address (RFC 5280 §4.2.1.6); `urn:` and the like have none.
    private static func isOther(_ rest: Substring) -> Bool {
        guard rest.consists(ofLettersDigitsAnd: "-._~:/@"), !rest.isEmpty else { return false }
        guard let parts = hierarchical(rest) else { return !rest.hasPrefix("/") }
        guard let authority = parts.first else { return false }
        let hostAndPort = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = hostAndPort.first.map(String.init), IPAddressName.isAddress(host) || (try? DNSName(host)) != nil
        else { return false }
        if hostAndPort.count == 2, let port = hostAndPort.last {
            guard let number = UInt16(port), String(number) == port, number > 0 else { return false }
        }
        // One slash may end the path.
        let segments = parts.dropFirst()
        return segments.dropLast().allSatisfy(isSegment) && segments.last.map { $0.isEmpty || isSegment($0) } ?? true
    }

    /// What stands between slashes after `//`; nil when there is no `//`.
    private static func hierarchical(_ rest: Substring) -> [Substring]? {
        guard rest.hasPrefix("//") else { return nil }
        return rest.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false)
    }

    private static func isSegment(_ text: Substring) -> Bool { !text.isEmpty && text != "." && text != ".." }
}
