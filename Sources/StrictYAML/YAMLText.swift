// SPDX-License-Identifier: Apache-2.0

/// What is refused in the text of a file before YAML sees it.
enum YAMLText {
    /// - Returns: the text, or nil with at least one problem added.
    static func checked(_ bytes: [UInt8], file: String, limit: Int, _ problems: inout YAMLProblems) -> String? {
        let start = SourcePosition(file: file, line: 1, column: 1)
        guard bytes.count <= limit else {
            problems.add(start, "the file is larger than \(limit >> 10) KiB")
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            problems.add(start, "the file is not UTF-8")
            return nil
        }
        var scan = Scan(file: file)
        for scalar in text.unicodeScalars { scan.read(scalar) }
        for (position, problem) in scan.found.values { problems.add(position, problem) }
        return scan.found.isEmpty ? text : nil
    }

    /// Finds the first tab, the first character that cannot be seen, and the first anchor.
    ///
    /// Anchors go first because YAML expands their aliases: a few lines could stand for billions of nodes. An anchor is
    /// `&` and a name where a token may start; the check ignores quoting and so refuses a little more than that.
    private struct Scan {
        enum Kind { case tab, hidden, anchor }

        let file: String
        var found: [Kind: (SourcePosition, String)] = [:]
        private var line = 1
        private var column = 1
        private var previous: Unicode.Scalar = "\n"
        private var ampersand: SourcePosition?

        init(file: String) { self.file = file }

        mutating func read(_ scalar: Unicode.Scalar) {
            let here = SourcePosition(file: file, line: line, column: column)
            if let ampersand, scalar.isASCII, isWord(scalar) || scalar == "-" {
                note(.anchor, at: ampersand, "anchors and aliases are not allowed; in a text, put a space after `&`")
            }
            ampersand = scalar == "&" && !mayPrecedeAmpersand(previous) ? here : nil
            if scalar == "\t" {
                note(.tab, at: here, "tab character; use spaces")
            } else if scalar == "\r" || scalar == "\n" {
                if previous == "\r", scalar == "\r" { note(.hidden, at: here, "carriage return without a line feed") }
            } else if !scalar.isPlainlyVisible {
                note(.hidden, at: here, "character U+\(hexadecimal(scalar)) cannot be seen and is not allowed")
            } else if previous == "\r" {
                note(.hidden, at: here, "carriage return without a line feed")
            }
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
            previous = scalar
        }

        private mutating func note(_ kind: Kind, at position: SourcePosition, _ problem: String) {
            if found[kind] == nil { found[kind] = (position, problem) }
        }

        /// Inside a word (`R&D`, `?a=1&b=2`) no token starts.
        private func mayPrecedeAmpersand(_ scalar: Unicode.Scalar) -> Bool {
            isWord(scalar) || scalar == "." || scalar == "/" || scalar == "="
        }

        private func isWord(_ scalar: Unicode.Scalar) -> Bool {
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_")
        }

        private func hexadecimal(_ scalar: Unicode.Scalar) -> String {
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        }
    }
}
