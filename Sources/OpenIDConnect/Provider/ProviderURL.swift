// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// An address of a provider: `https`, or `http` on this machine alone.
package struct ProviderURL: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    let isLoopback: Bool

    package var description: String { text }

    package init(_ text: String) throws(ProviderError) {
        guard (1...2048).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let parts = URLComponents(string: text), let scheme = parts.scheme, let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil
        else { throw .addressRefused("`\(text.prefix(100))` is not an address") }
        isLoopback = Self.isLoopback(host)
        guard scheme == "https" || (scheme == "http" && isLoopback) else {
            throw .addressRefused("`\(text.prefix(100))` must begin with `https://`")
        }
        self.text = text
    }

    /// An endpoint that a provider names. One elsewhere cannot send us to services of this machine.
    init(_ text: String, of issuer: ProviderURL) throws(ProviderError) {
        try self.init(text)
        guard issuer.isLoopback || !isLoopback else {
            throw .addressRefused("`\(text.prefix(100))` leads to this machine, where the provider is not")
        }
    }

    /// The issuer of tokens (OpenID Connect Discovery §3): no query.
    package init(issuer text: String) throws(ProviderError) {
        try self.init(text)
        guard !text.utf8.contains(UInt8(ascii: "?")) else {
            throw .addressRefused("`\(text.prefix(100))` has a query, which an issuer may not have")
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
