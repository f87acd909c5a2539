// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials

extension Notice {
    /// As Standard Webhooks has it: `type`, `timestamp`, `data`, and the three headers that make it verifiable.
    /// - Parameter time: of this attempt; a receiver refuses signatures of long ago.
    package func webhook(signedWith secret: WebhookSecret, at time: Date) throws -> HTTPMessage {
        struct Document: Encodable {
            let type: String
            let timestamp: String
            let data: Content
        }
        struct Content: Encodable {
            let id: String
            let title: String
            let facts: [Fact]
            let link: String?
            let people: [String]
        }
        let message = try HTTPMessage(
            Document(
                type: kind.rawValue, timestamp: time8601,
                data: Content(id: id.text, title: title, facts: facts, link: link?.text, people: people)))
        let timestamp = Int64(time.timeIntervalSince1970.rounded(.down))
        return HTTPMessage(
            body: message.body, of: message,
            adding: [
                .init(name: "webhook-id", value: id.text),
                .init(name: "webhook-timestamp", value: String(timestamp)),
                .init(name: "webhook-signature", value: secret.signature(id: id, timestamp: timestamp, body: message.body)),
            ])
    }

    /// In UTC, in whole seconds (RFC 3339).
    var time8601: String { time.formatted(.iso8601) }
}
