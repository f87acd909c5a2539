// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// The key of a webhook's signatures: `whsec_` and the base64 of 24 to 64 bytes (Standard Webhooks, "Signature scheme").
package struct WebhookSecret: Sendable {
    private let key: SymmetricKey

    package init?(_ text: String) {
        let prefix = "whsec_"
        guard text.hasPrefix(prefix), let bytes = Data(base64Encoded: String(text.dropFirst(prefix.count))),
            (24...64).contains(bytes.count)
        else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.
    func signature(id: NoticeID, timestamp: Int64, body: [UInt8]) -> String {
        let content = Array("\(id).\(timestamp).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: content, using: key)
        return "v1," + Data(code).base64EncodedString()
    }
}
