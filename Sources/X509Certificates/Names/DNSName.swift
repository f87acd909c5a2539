// SPDX-License-Identifier: Apache-2.0

/// A host name of lower-case letters, digits and hyphens (RFC 1123 §2.1), at most 253 characters. No wildcards.
package struct DNSName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws(NameError) {
        if let fault = Self.fault(in: text) { throw .dns(text, fault) }
        self.text = text
    }

    package var description: String { text }

    private static func fault(in text: String) -> NameError.DNSFault? {
        let bytes = text.utf8
        if bytes.isEmpty { return .empty }
        if !bytes.allSatisfy({ $0 < 0x80 }) { return .notASCII }
        if bytes.count > 253 { return .tooLong }  // RFC 1035 §2.3.4, without the root's dot and length
        if bytes.contains(UInt8(ascii: "*")) { return .wildcard }
        if bytes.contains(where: ASCII.isUpper) { return .upperCase }
        if bytes.last == UInt8(ascii: ".") { return .trailingDot }
        if bytes.contains(UInt8(ascii: ":")) { return IPAddressName.isAddress(text) ? .address : .malformed }
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy(isLabel), let last = labels.last else { return .malformed }
        // A last label of digits would be an address to some readers and a name to others.
        if last.allSatisfy(ASCII.isDigit) { return IPAddressName.isAddress(text) ? .address : .malformed }
        return nil
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard (1...63).contains(label.count), label.first != hyphen, label.last != hyphen else { return false }
        // Hyphens in third and fourth place are reserved; only A-labels use them (RFC 5890 §2.3.1).
        let isReserved = label.dropFirst(2).prefix(2).elementsEqual("--".utf8) && !label.starts(with: "xn--".utf8)
        return !isReserved && label.allSatisfy { ASCII.isLower($0) || ASCII.isDigit($0) || $0 == hyphen }
    }
}
