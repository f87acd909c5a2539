// SPDX-License-Identifier: Apache-2.0

/// What a host certificate may name: a DNS name or an IP address as ssh compares them (lower case, no trailing dot, no
/// wildcard).
enum HostName {
    static func isValid(_ name: String) -> Bool {
        isDNSName(name) || (IPAddress.bytes(name) != nil && !name.utf8.contains(where: \.isUppercase))
    }

    /// RFC 1123 §2.1: labels of 1 to 63 letters, digits and inner hyphens, 253 in all; the last label is not all digits, so
    /// that nothing looks like an IPv4 address without being one.
    private static func isDNSName(_ name: String) -> Bool {
        guard name.utf8.count <= 253 else { return false }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let hyphen = UInt8(ascii: "-")
        guard let last = labels.last, !last.allSatisfy(\.isDigit) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                && label.allSatisfy { $0.isLowercase || $0.isDigit || $0 == hyphen }
        }
    }
}
