// SPDX-License-Identifier: Apache-2.0

/// Hands out names of roles, rules, zones and providers, each once.
struct Identifiers {
    private var used: Set<String>
    private var nextSuffix: [String: Int] = [:]

    init(reserved: Set<String> = []) { used = reserved }

    /// What is left of the text in an identifier, with a number after it when that is taken already.
    mutating func unique(_ text: String) -> String {
        let stem = Self.identifier(text)
        var name = stem
        while !used.insert(name).inserted {
            let suffix = nextSuffix[stem, default: 2]
            nextSuffix[stem] = suffix + 1
            name = "\(stem)-\(suffix)"
        }
        return name
    }

    static func isIdentifier(_ text: String) -> Bool {
        text.utf8.count <= 64 && text == identifier(text, limit: 64)
    }

    /// At most `limit` lower-case letters, digits, `-`, `_` and `.`, beginning with a letter or digit.
    private static func identifier(_ text: String, limit: Int = 48) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 where bytes.count < limit {
            switch byte {
            case 0x61...0x7A, 0x30...0x39: bytes.append(byte)
            case 0x41...0x5A: bytes.append(byte + 0x20)
            case _ where bytes.isEmpty: break
            case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): bytes.append(byte)
            default: if bytes.last != UInt8(ascii: "-") { bytes.append(UInt8(ascii: "-")) }
            }
        }
        return bytes.isEmpty ? "imported" : String(decoding: bytes, as: UTF8.self)
    }
}
