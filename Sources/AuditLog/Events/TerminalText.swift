// SPDX-License-Identifier: Apache-2.0

/// Text from outside, made safe for a line on a terminal: nothing in it can move the cursor, turn the writing direction,
/// hide itself or begin a new line.
package enum TerminalText {
    /// Long enough for any reason a person writes.
    package static let maximumCharacters = 256

    /// With every invisible character and the backslash written as `\u{…}` and `\\`; cut off with `…` when too long.
    package static func text(_ text: String, limit: Int = maximumCharacters) -> String {
        escaped(text, limit: limit, isPlain: isVisible)
    }

    /// The same for names: spaces are escaped too, so that a name cannot look like two columns.
    package static func word(_ text: String) -> String {
        escaped(text, limit: maximumCharacters) { $0 != " " && isVisible($0) }
    }

    static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20...0x7e).contains(scalar.value) }
        guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
        // `format` holds the controls of the writing direction.
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .privateUse, .surrogate,
            .unassigned:
            return false
        default:
            return true
        }
    }

    private static func escaped(_ text: String, limit: Int, isPlain: (Unicode.Scalar) -> Bool) -> String {
        var result = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == limit { return result + "…" }
            if scalar == "\\" {
                result += "\\\\"
            } else if isPlain(scalar) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return result
    }
}
