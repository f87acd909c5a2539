// SPDX-License-Identifier: Apache-2.0

/// A host name in which `*` stands for a whole label or a part of one, never for a dot.
package struct HostPattern: Hashable, Sendable {
    package let text: String
    private let labels: [[UInt8]]
    private let exact: HostName?

    package init(_ text: String) throws(HostNameError) {
        self.text = text
        let star = UInt8(ascii: "*")
        guard text.utf8.contains(star) else {
            self.exact = try HostName(text)
            self.labels = []
            return
        }
        guard text.utf8.count <= HostName.maximumBytes else { throw .tooLong }
        // Elsewhere two stars mean any number of labels; here they would mean one, and nobody would be told.
        guard !text.contains("**") else { throw .twoStars(text) }
        guard text.utf8.last != UInt8(ascii: ".") else { throw .trailingDot(text) }
        guard !text.utf8.contains(where: ASCII.isUpper) else { throw .upperCase(text) }
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init)
        guard labels.allSatisfy({ HostName.isLabel($0, allowing: star) }), let last = labels.last,
            !last.allSatisfy(ASCII.isDigit)
        else { throw .malformed(text) }
        self.labels = labels
        self.exact = nil
    }

    package var isExact: Bool { exact != nil }

    package func matches(_ host: HostName) -> Bool {
        if let exact { return exact == host }
        guard host.address == nil else { return false }
        let parts = host.text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == labels.count else { return false }
        return zip(labels, parts).allSatisfy { Wildcard.matches(pattern: $0, text: Array($1)) }
    }
}

extension HostPattern {
    /// The text says it all.
    package static func == (left: HostPattern, right: HostPattern) -> Bool { left.text == right.text }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
