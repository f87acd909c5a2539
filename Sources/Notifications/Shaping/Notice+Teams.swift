// SPDX-License-Identifier: Apache-2.0

extension Notice {
    /// For a workflow of Microsoft Teams that posts when a webhook request comes: an Adaptive Card. Text stands in runs of a
    /// RichTextBlock, where Markdown means nothing.
    package func teams() throws -> HTTPMessage {
        struct Document: Encodable {
            let type = "message"
            let attachments: [Attachment]
        }
        struct Attachment: Encodable {
            let contentType = "application/vnd.microsoft.card.adaptive"
            let content: Card
        }
        struct Card: Encodable {
            let schema = "http://adaptivecards.io/schemas/adaptive-card.json"
            let type = "AdaptiveCard"
            let version = "1.4"
            let body: [Block]
            let actions: [Action]?

            enum CodingKeys: String, CodingKey {
                case schema = "$schema"
                case type, version, body, actions
            }
        }
        struct Block: Encodable {
            let type = "RichTextBlock"
            let inlines: [Run]
        }
        struct Run: Encodable {
            let type = "TextRun"
            let text: String
            var weight: String?
            var size: String?
        }
        struct Action: Encodable {
            let type = "Action.OpenUrl"
            let title = "Open"
            let url: String
        }
        let heading = Block(inlines: [Run(text: title, weight: "Bolder", size: "Large")])
        let lines = facts.map { Block(inlines: [Run(text: $0.label + ": ", weight: "Bolder"), Run(text: $0.value)]) }
        let end = Block(inlines: [Run(text: "mayfly, \(time8601)", size: "Small")])
        return try HTTPMessage(
            Document(attachments: [
                Attachment(content: Card(body: [heading] + lines + [end], actions: link.map { [Action(url: $0.text)] }))
            ]))
    }
}
