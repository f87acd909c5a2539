// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address of a certificate. IPv4-mapped IPv6 addresses are refused: they are the IPv4 address to some
/// readers and another one to others.
package struct IPAddressName: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes, most significant first. INVARIANT: checked in every initialiser; `description` counts on it.
    package let bytes: [UInt8]

    /// - Parameter text: dotted decimal, or IPv6 exactly as RFC 5952 writes it.
    package init(_ text: String) throws(NameError) {
        guard let bytes = Self.parse(text), let address = try? IPAddressName(bytes: bytes), address.description == text
        else { throw .ip(text) }
        self = address
    }

    package init(bytes: [UInt8]) throws(NameError) {
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
        guard bytes.count == 4 || bytes.count == 16, !bytes.starts(with: mapped) else {
            throw .ip(bytes.map { String($0, radix: 16) }.joined(separator: ":"))
        }
        self.bytes = bytes
    }

    static func isAddress(_ text: String) -> Bool { parse(text) != nil }

    /// Dotted decimal, or RFC 5952: lower-case, the first longest run of at least two zero groups as `::`.
    package var description: String {
        if bytes.count == 4 { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<(index + 1)
            }
        }
        func joined(_ groups: some Sequence<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard longest.count > 1 else { return joined(groups) }
        return joined(groups.prefix(longest.lowerBound)) + "::" + joined(groups.dropFirst(longest.upperBound))
    }

    private static func parse(_ text: String) -> [UInt8]? {
        guard (2...39).contains(text.utf8.count), text.consists(ofLettersDigitsAnd: ".:") else { return nil }
        return text.contains(":") ? version6(text) : version4(text)
    }

    private static func version4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { part in part.utf8.allSatisfy(ASCII.isDigit) ? UInt8(part) : nil }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Whether leading zeros, upper case or another `::` were used is found by writing it again.
    private static func version6(_ text: String) -> [UInt8]? {
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false).map(groups)
        guard let head = halves.first, let head else { return nil }
        guard halves.count == 2 else { return head.count == 16 ? head : nil }
        guard let last = halves.last, let tail = last, head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let groups = parts.compactMap { (1...4).contains($0.utf8.count) ? UInt16($0, radix: 16) : nil }
        guard groups.count == parts.count, groups.count <= 8 else { return nil }
        return groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    }
}
