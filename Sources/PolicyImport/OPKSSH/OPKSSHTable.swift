// SPDX-License-Identifier: Apache-2.0

/// Lines of words, as opkssh reads its files: a comment begins at any `#`, even in quotes; words are quoted as in a shell.
enum OPKSSHTable {
    struct Row {
        let line: Int
        /// nil: a quote has no end. opkssh passes over such a line.
        let words: [String]?
    }

    static func rows(_ bytes: [UInt8]) throws(ImportError) -> [Row] {
        guard bytes.count <= PolicyImporter.maximumBytes else { throw .tooLarge(limit: PolicyImporter.maximumBytes) }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let content = bytes.starts(with: mark) ? bytes[3...] : bytes[...]
        var rows: [Row] = []
        let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self).trimmed
            if !text.isEmpty { rows.append(Row(line: index + 1, words: words(text))) }
        }
        return rows
    }

    /// Words between spaces; single quotes keep everything, double quotes keep spaces, a backslash keeps what follows it.
    static func words(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case " ", "\t", "\n", "\r":
                if let finished = word { words.append(finished) }
                word = nil
            case "'":
                guard let end = rest.firstIndex(of: "'") else { return nil }
                word = (word ?? "") + String(rest[..<end])
                rest = rest[end...].dropFirst()
            case "\"":
                guard let quoted = quoted(&rest) else { return nil }
                word = (word ?? "") + quoted
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                word = (word ?? "") + String(next)
            default: word = (word ?? "") + String(scalar)
            }
        }
        if let finished = word { words.append(finished) }
        return words
    }

    /// What stands before the closing double quote, which is taken as well.
    private static func quoted(_ rest: inout String.UnicodeScalarView.SubSequence) -> String? {
        var text = ""
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\"": return text
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                if !"$`\"\\\n".unicodeScalars.contains(next) { text += "\\" }
                text += String(next)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return nil
    }
}
