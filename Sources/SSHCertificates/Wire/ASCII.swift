// SPDX-License-Identifier: Apache-2.0

extension UInt8 {
    var isControlASCII: Bool { self < 0x20 || self == 0x7f }
    /// Space included.
    var isPrintableASCII: Bool { (0x20...0x7e).contains(self) }
    /// Printable without space.
    var isGraphicASCII: Bool { (0x21...0x7e).contains(self) }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isUppercase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    var isHexDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20) }
}

/// Foreign text made safe for a message: at most 64 bytes, everything but printable ASCII and the backtick escaped.
func quoted(_ text: some StringProtocol) -> String {
    let limit = 64
    let shown = text.utf8.prefix(limit).map { byte in
        guard byte.isPrintableASCII, byte != UInt8(ascii: "`") else {
            let digits = String(byte, radix: 16)
            return #"\x"# + (digits.utf8.count < 2 ? "0" : "") + digits
        }
        return String(UnicodeScalar(byte))
    }
    return "`" + shown.joined() + (text.utf8.count > limit ? "…`" : "`")
}
