// SPDX-License-Identifier: Apache-2.0

enum ASCII {
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte) }
    static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5a).contains(byte) }
    static func isLetterOrDigit(_ byte: UInt8) -> Bool { isDigit(byte) || isLower(byte) || isUpper(byte) }

    /// `text` for a message: at most 80 characters, everything invisible or not ASCII as an escape.
    static func printable(_ text: String) -> String {
        let shown = text.unicodeScalars.prefix(80).map { scalar in
            (0x20...0x7e).contains(scalar.value) && scalar != "`"
                ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
        return shown.joined() + (text.unicodeScalars.count > 80 ? "…" : "")
    }
}

extension StringProtocol {
    func consists(ofLettersDigitsAnd others: String) -> Bool {
        utf8.allSatisfy { ASCII.isLetterOrDigit($0) || others.utf8.contains($0) }
    }
}
