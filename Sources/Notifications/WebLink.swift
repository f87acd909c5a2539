// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// An absolute HTTP URL of printable ASCII without user, password, quotes, `|`, `<` or `>`: it needs no escaping in any
/// format. Over TLS, unless it stays on this machine.
package struct WebLink: Sendable, Hashable, Codable, CustomStringConvertible {
    package let text: String

    package var description: String { text }

    package enum Problem: Error, Equatable, CustomStringConvertible {
        case malformed
        case withoutTLS

        package var description: String {
            switch self {
            case .malformed: "not an absolute URL such as `https://example.com/path`"
            case .withoutTLS: "not `https`; only receivers on this machine may do without"
            }
        }
    }

    package init(_ text: String) throws(Problem) {
        let refused = Set("\"'`|<>\\ ".utf8)
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !refused.contains($0) }),
            let url = URL(string: text), let scheme = url.scheme, let host = url.host(), !host.isEmpty,
            url.user() == nil, url.password() == nil, url.fragment() == nil
        else { throw .malformed }
        guard scheme == "https" || scheme == "http" else { throw .malformed }
        guard scheme == "https" || isLoopback(host) else { throw .withoutTLS }
        self.text = text
    }
}

/// Whether the name or address, without brackets, never leaves this machine.
package func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
}
