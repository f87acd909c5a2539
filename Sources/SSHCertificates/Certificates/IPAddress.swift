// SPDX-License-Identifier: Apache-2.0

/// The bytes of an address from its text: dotted decimal, or RFC 4291 §2.2 forms 1 and 2. No zones, no embedded IPv4 (sshd
/// compares such peers as IPv4), no leading zeros in IPv4, which some read as octal.
enum IPAddress {
    static func bytes(_ text: String) -> [UInt8]? { ipv4(text) ?? ipv6(text) }

    private static func ipv4(_ text: String) -> [UInt8]? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(\.isDigit), part.count == 1 || part.first != UInt8(ascii: "0"),
                let byte = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func ipv6(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 39 else { return nil }
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard let first = halves.first, let head = groups(first) else { return nil }
        if halves.count == 1 { return head.count == 16 ? head : nil }
        guard halves.count == 2, let last = halves.last, let tail = groups(last) else { return nil }
        let zeros = 16 - head.count - tail.count
        guard zeros >= 2 else { return nil }
        return head + Array(repeating: 0, count: zeros) + tail
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        for group in text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            guard (1...4).contains(group.count), group.allSatisfy(\.isHexDigit),
                let value = UInt16(String(decoding: group, as: UTF8.self), radix: 16)
            else { return nil }
            bytes += [UInt8(value >> 8), UInt8(value & 0xff)]
        }
        return bytes
    }
}
