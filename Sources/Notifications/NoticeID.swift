// SPDX-License-Identifier: Apache-2.0

import Crypto

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

    /// `msg_` and 128 bits of the SHA-256 of `occasion`: whoever tells of the same again, after a crash or on another server,
    /// tells it under the same id.
    package init(of occasion: [UInt8]) {
        text = Self.text(SHA256.hash(data: occasion).prefix(16))
    }

    package static func random() -> NoticeID {
        NoticeID(verbatim: text((0..<16).map { _ in UInt8.random(in: .min ... .max) }))
    }

    private init(verbatim text: String) { self.text = text }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        "msg_" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
