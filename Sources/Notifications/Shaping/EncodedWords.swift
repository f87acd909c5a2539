// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Text in the header of a message (RFC 2047).
enum EncodedWords {
    /// What 75 characters of an encoded word leave after `=?utf-8?B?` and `?=`: 60 of base64, 45 bytes.
    private static let bytesInWord = 45

    /// The text as it is where it is short and plain; else encoded words, one on each line.
    /// - Parameter used: bytes of the line before it.
    static func header(_ text: String, after used: Int) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7e).contains($0) }
        if isPlain, used + text.utf8.count <= 76, !text.contains("=?"), text.first != " ", text.last != " " { return text }
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            // A character is never cut in two (RFC 2047 §5), and nothing that ends a line gets here unencoded.
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > bytesInWord { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}
