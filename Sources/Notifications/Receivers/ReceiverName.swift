// SPDX-License-Identifier: Apache-2.0

/// What a receiver is called in `mayfly.yaml`: 1 to 63 of `a-z 0-9 -`.
package struct ReceiverName: Sendable, Hashable, Codable, CustomStringConvertible {
    package let text: String

    package var description: String { text }

    package init?(_ text: String) {
        let isAllowed: (UInt8) -> Bool = { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-")
        }
        guard (1...63).contains(text.utf8.count), text.utf8.allSatisfy(isAllowed) else { return nil }
        self.text = text
    }
}
