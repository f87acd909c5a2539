// SPDX-License-Identifier: Apache-2.0

/// Names one notice: 1 to 64 of `A-Z a-z 0-9 _ -`, so that it stands unescaped in a header and in a Message-ID.
package struct NoticeID: Sendable, Hashable, Codable, CustomStringConvertible {
    package let text: String

    package var description: String { text }

    package init?(_ text: String) {
        let allowed: (UInt8) -> Bool = { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(allowed) else { return nil }
        self.text = text
    }

    /// `msg_` and 128 bits of `generator` in hexadecimal.
    package init(using generator: inout some RandomNumberGenerator) {
        let halves = [generator.next(), generator.next()].map { (half: UInt64) in
            let digits = String(half, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        text = "msg_" + halves.joined()
    }

    package static func random() -> NoticeID {
        var generator = SystemRandomNumberGenerator()
        return NoticeID(using: &generator)
    }
}
