// SPDX-License-Identifier: Apache-2.0

/// Classes of bytes. Names are compared byte by byte, never by locale.
enum ASCII {
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLower(byte) || isUpper(byte) }
    static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
    }
}

extension String {
    /// Whether every byte is a letter, a digit, or one of `others`. False for the empty text.
    func consists(ofLettersDigitsAnd others: StaticString) -> Bool {
        !isEmpty
            && utf8.allSatisfy { byte in
                ASCII.isAlphanumeric(byte) || others.description.utf8.contains(byte)
            }
    }

    func precedesInUTF8(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
