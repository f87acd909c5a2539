// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// An address of a provider: `https`, or `http` on this machine alone.
package struct ProviderURL: Hashable, Sendable, CustomStringConvertible {
    package let text: String
    private let host: ProviderHost

    package var description: String { text }

    package init(_ text: String) throws(ProviderError) {
        guard (1...2048).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let scheme = URLComponents(string: text)?.scheme, text.hasPrefix(scheme + "://"), !text.contains("#"),
            let host = ProviderHost(authority: text.dropFirst(scheme.count + 3).prefix { $0 != "/" && $0 != "?" })
        else { throw .addressRefused("`\(text.prefix(100))` is not an address") }
        // Who answers for `x.localhost` depends on the resolver.
        let isHere = host.place == .thisMachine && !host.text.hasSuffix(".localhost")
        guard scheme == "https" || (scheme == "http" && isHere) else {
            throw .addressRefused("`\(text.prefix(100))` must begin with `https://`")
        }
        self.text = text
        self.host = host
    }

    /// An endpoint that a provider names. One elsewhere cannot send us to this machine, or to others that only we can reach.
    init(_ text: String, of issuer: ProviderURL) throws(ProviderError) {
        try self.init(text)
        guard host.place == .elsewhere || host.place == issuer.host.place || host == issuer.host else {
            throw .addressRefused("`\(text.prefix(100))` leads \(host.place.rawValue), where the provider is not")
        }
    }

    /// The issuer of tokens (OpenID Connect Discovery §3): no query.
    package init(issuer text: String) throws(ProviderError) {
        try self.init(text)
        guard !text.utf8.contains(UInt8(ascii: "?")) else {
            throw .addressRefused("`\(text.prefix(100))` has a query, which an issuer may not have")
        }
    }
}
