// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Base64url without padding (RFC 7515 §2), of which there is exactly one text for given bytes.
package enum Base64URL {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        String(
            Data(bytes).base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }

    /// Nil for any other text, also with padding, spaces or bits that count for nothing.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var base64 = ""
        for character in text {
            switch character {
            case "-": base64.append("+")
            case "_": base64.append("/")
            case "+", "/", "=": return nil
            default: base64.append(character)
            }
        }
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: base64) else { return nil }
        return encode(data).utf8.elementsEqual(text.utf8) ? Array(data) : nil
    }
}
