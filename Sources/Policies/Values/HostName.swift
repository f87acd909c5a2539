// SPDX-License-Identifier: Apache-2.0

import StrictYAML

package enum HostNameError: Error, Hashable {
    case empty
    case tooLong
    case trailingDot(String)
    case upperCase(String)
    case wildcard(String)
    case twoStars(String)
    case malformed(String)
    case address(String, canonical: IPAddress)
}

/// A DNS name of lower-case letters, digits and hyphens (RFC 1123 §2.1), or an IP address in canonical form.
package struct HostName: Hashable, Sendable {
    static let maximumBytes = 253  // RFC 1035 §2.3.4, without the root's dot and length
    static let maximumLabelBytes = 63

    package let text: String
    /// Set when `text` is an address.
    package let address: IPAddress?

    package init(_ text: String) throws(HostNameError) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong }
        if let address = IPAddress(text) {
            guard address.description == text else { throw .address(text, canonical: address) }
            self.address = address
        } else {
            try Self.checkDNS(text)
            self.address = nil
        }
        self.text = text
    }

    private static func checkDNS(_ text: String) throws(HostNameError) {
        guard text.utf8.last != UInt8(ascii: ".") else { throw .trailingDot(text) }
        guard !text.utf8.contains(UInt8(ascii: "*")) else { throw .wildcard(text) }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard !text.utf8.contains(where: ASCII.isUpper) else { throw .upperCase(text) }
        guard labels.allSatisfy({ isLabel($0) }) else { throw .malformed(text) }
        // A last label of digits would be an address to some readers and a name to others.
        guard let last = labels.last, !last.allSatisfy(ASCII.isDigit) else { throw .malformed(text) }
    }

    static func isLabel(_ label: some Collection<UInt8>, allowing other: UInt8? = nil) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard (1...maximumLabelBytes).contains(label.count), label.first != hyphen, Array(label).last != hyphen else {
            return false
        }
        return label.allSatisfy { ASCII.isLower($0) || ASCII.isDigit($0) || $0 == hyphen || $0 == other }
    }
}

extension HostName: CustomStringConvertible {
    package var description: String { text }
}

extension HostNameError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "the name is empty"
        case .tooLong: "the name is longer than 253 bytes"
        case .trailingDot(let text): "`\(printable: text)` ends in a dot; leave it out"
        case .upperCase(let text): "`\(printable: text)` has capitals; write names in lower case"
        case .wildcard(let text): "`\(printable: text)` is a wildcard; a certificate never gets one, so ask for each name"
        case .twoStars(let text):
            "`\(printable: text)` has two stars in a row; `*` is a whole label or a part of one and never crosses a dot, "
                + "so write `*.` for each label"
        case .malformed(let text):
            "`\(printable: text)` is not a host name; expected labels of letters, digits and hyphens, or an address"
        case .address(let text, let canonical): "`\(printable: text)` is not the usual form; write `\(canonical)`"
        }
    }
}
