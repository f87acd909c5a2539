// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// RFC 4648 §4 with padding, in its one canonical form.
enum StrictBase64 {
    static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
    }

    /// Nothing for anything that `encode` would not have written: missing padding, stray bits, white space.
    static func decode(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text) else { return nil }
        let bytes = Array(data)
        return encode(bytes).utf8.elementsEqual(text.utf8) ? bytes : nil
    }
}
