// SPDX-License-Identifier: Apache-2.0

/// Lines for people, in which values stand between backticks, as a cell of a Markdown table.
///
/// Whoever writes a policy chooses values, and a comment shows them to others: none may become markup, a link or a mention. So
/// whatever is not a plain word becomes a code span.
enum MarkdownText {
    static func cell(_ text: String) -> String {
        spans(of: text).map { $0.isCode ? code($0.text) : words($0.text) }.reduce(into: "") { cell, piece in
            // Two fences side by side would be one.
            cell += cell.hasSuffix("`") && piece.hasPrefix("`") ? " " + piece : piece
        }
    }

    /// Text and code spans, told apart as CommonMark does (§6.1): a run of backticks is closed by the next of the same length.
    private static func spans(of text: String) -> [(text: String, isCode: Bool)] {
        var spans: [(text: String, isCode: Bool)] = []
        var rest = text[...]
        var plain = ""
        while let opening = rest.firstIndex(of: "`") {
            plain += rest[..<opening]
            let fence = rest[opening...].prefix { $0 == "`" }
            rest = rest[fence.endIndex...]
            guard let (inside, after) = rest.cut(at: fence.count) else {
                plain += fence
                continue
            }
            spans += [(plain, false), (inside.droppingPadding, true)]
            (plain, rest) = ("", after)
        }
        return spans + [(plain + rest, false)]
    }

    /// What is not a plain word is shown as it is.
    private static func words(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            guard !word.allSatisfy(isPlain) || word.contains("//") || word.hasPrefix("www.") else { return String(word) }
            let end = word.lastIndex { !",;:)".contains($0) }.map { word.index(after: $0) } ?? word.startIndex
            return code(String(word[..<end])) + word[end...]
        }.joined(separator: " ")
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber) || ".,;:()-+/→…".contains(character)
    }

    /// A table is cut at its bars before anything else is looked at, and a backslash before one is read in different ways: text
    /// with either is written by the numbers of its characters.
    static func code(_ text: String) -> String {
        guard !text.contains("|"), !text.contains("\\"), !text.contains(where: \.isNewline) else {
            let characters = text.unicodeScalars.map { scalar in
                isPlain(Character(scalar)) || scalar == " " ? String(scalar) : "&#\(scalar.value);"
            }
            return "<code>\(characters.joined())</code>"
        }
        return text.inBackticks
    }
}

extension Substring {
    /// Up to a run of exactly so many backticks, and after it.
    fileprivate func cut(at count: Int) -> (inside: Substring, after: Substring)? {
        var rest = self
        while let start = rest.firstIndex(of: "`") {
            let run = rest[start...].prefix { $0 == "`" }
            if run.count == count { return (self[..<start], self[run.endIndex...]) }
            rest = rest[run.endIndex...]
        }
        return nil
    }

    /// One space on each side makes room for a backtick.
    fileprivate var droppingPadding: String {
        let isPadded = count > 2 && hasPrefix(" ") && hasSuffix(" ") && contains { $0 != " " }
        return String(isPadded ? dropFirst().dropLast() : self)
    }
}
