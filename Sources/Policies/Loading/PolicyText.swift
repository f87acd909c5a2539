// SPDX-License-Identifier: Apache-2.0

/// What is refused in the text of a policy file before YAML sees it.
enum PolicyText {
    /// - Returns: the text, or nil with at least one problem added.
    static func checked(_ file: PolicyFile, _ problems: inout Problems) -> String? {
        let start = SourcePosition(file: file.name, line: 1, column: 1)
        guard file.bytes.count <= PolicyFile.maximumBytes else {
            problems.add(start, "the file is larger than 1 MiB; split it")
            return nil
        }
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            problems.add(start, "the file is not UTF-8")
            return nil
        }
        var scan = Scan(file: file.name)
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
            if let ampersand, scalar.isASCII, ScalarClass.word.contains(scalar) || scalar == "-" {
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
            ScalarClass.word.contains(scalar) || scalar == "." || scalar == "/" || scalar == "="
        }

        private func hexadecimal(_ scalar: Unicode.Scalar) -> String {
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
        }
    }
}
