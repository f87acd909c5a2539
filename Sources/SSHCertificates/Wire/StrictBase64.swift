// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Base64 (RFC 4648 §4) in its one canonical form: padded, no line ends, unused bits zero.
enum StrictBase64 {
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        let text = Data(text)
        guard let data = Data(base64Encoded: text), data.base64EncodedData() == text else { return nil }
        return Array(data)
    }

    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// Without the padding, as fingerprints are written.
    static func encodeUnpadded(_ bytes: some Sequence<UInt8>) -> String {
        String(Data(bytes).base64EncodedString().prefix { $0 != "=" })
    }
}
