// SPDX-License-Identifier: Apache-2.0

import SSHCertificates

/// A pattern of ssh_config(5), PATTERNS: `*` and `?`, and for users `USER@HOST`.
struct SSHPattern: Sendable {
    private let pattern: String

    init(_ pattern: String) {
        self.pattern = pattern
    }

    func matches(_ text: String) -> Bool { Self.matches(Array(pattern.utf8)[...], Array(text.utf8)[...]) }

    /// - Parameter address: where the user comes from; a HOST may be a network.
    func matches(user: String, from address: String) -> Bool {
        guard let at = pattern.lastIndex(of: "@") else { return matches(user) }
        let host = String(pattern[pattern.index(after: at)...])
        let isHere = (try? SSHAddressRange(host))?.contains(address: address) ?? SSHPattern(host).matches(address)
        return isHere && SSHPattern(String(pattern[..<at])).matches(user)
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var (rest, left) = (pattern, text)
        var star: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while let byte = left.first {
            if rest.first == UInt8(ascii: "*") {
                rest.removeFirst()
                star = (rest, left)
            } else if let first = rest.first, first == byte || first == UInt8(ascii: "?") {
                rest.removeFirst()
                left.removeFirst()
            } else if let last = star {
                // The last star takes one byte more.
                rest = last.pattern
                left = last.text.dropFirst()
                star = (rest, left)
            } else {
                return false
            }
        }
        return rest.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
