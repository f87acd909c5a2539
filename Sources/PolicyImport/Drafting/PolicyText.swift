// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// A value on its way into a policy file.
enum PolicyText {
    /// As it is: numbers, flags, durations and words of the language.
    case word(String)
    /// In quotes wherever YAML could read it as something else.
    case text(String)
    case list([PolicyText])
    case entries([Entry])

    struct Entry {
        let key: String
        let value: PolicyText
    }

    static func mapping(_ entries: [(String, PolicyText)]) -> PolicyText {
        .entries(entries.map { Entry(key: $0, value: $1) })
    }

    static func texts(_ texts: [String]) -> PolicyText { .list(texts.map { .text($0) }) }

    private static let width = 120
    /// From here on whatever fits on a line stands on one; above, only what has no mapping inside.
    private static let flatDepth = 3

    /// Lines for a mapping of sections, each after an empty line.
    static func document(_ sections: [(String, PolicyText)]) -> String {
        sections.map { "\n\($0):\n" + $1.lines(indent: 2, depth: 1) }.joined()
    }

    private func lines(indent: Int, depth: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        switch self {
        case .word, .text: return margin + line + "\n"
        case .list(let members):
            return members.map { member in
                // The first line of the member stands behind the hyphen.
                let lines = member.lines(indent: indent + 2, depth: depth + 1)
                return margin + "- " + lines.dropFirst(indent + 2)
            }.joined()
        case .entries(let entries):
            return entries.map { entry in
                let start = margin + Self.scalar(entry.key) + ":"
                let short = start + " " + entry.value.line
                let fits = short.unicodeScalars.count <= Self.width && (depth >= Self.flatDepth || entry.value.isFlat)
                if fits || entry.value.isLeaf { return short + "\n" }
                return start + "\n" + entry.value.lines(indent: indent + 2, depth: depth + 1)
            }.joined()
        }
    }

    private var isLeaf: Bool {
        switch self {
        case .word, .text: true
        case .list, .entries: false
        }
    }

    private var isMapping: Bool { if case .entries = self { true } else { false } }

    private var isFlat: Bool {
        switch self {
        case .word, .text: true
        case .list(let members): members.allSatisfy(\.isLeaf)
        case .entries(let entries): !entries.contains { $0.value.isMapping }
        }
    }

    /// Everything on one line.
    private var line: String {
        switch self {
        case .word(let word): word
        case .text(let text): Self.scalar(text)
        case .list(let members): "[" + members.map(\.line).joined(separator: ", ") + "]"
        case .entries(let entries):
            "{" + entries.map { Self.scalar($0.key) + ": " + $0.value.line }.joined(separator: ", ") + "}"
        }
    }

    private static func scalar(_ text: String) -> String {
        if mayBePlain(text) { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "&": quoted += "\\x26"  // `&` and a name after it would look like an anchor
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func mayBePlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.last != UInt8(ascii: " "), YAMLNode.kind(ofPlain: text) == .text,
            (0x61...0x7A).contains(first | 0x20) || first == UInt8(ascii: "/") || first == UInt8(ascii: "_")
        else { return false }
        return text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) && byte & 0x40 != 0
                || " _./@+-".utf8.contains(byte)
        }
    }
}
