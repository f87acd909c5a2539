// SPDX-License-Identifier: Apache-2.0

extension Notice {
    /// For an incoming webhook of Slack. Everything from people is plain text, so that it can neither mention nor link; our
    /// own link alone is mrkdwn.
    package func slack() throws -> HTTPMessage {
        struct Document: Encodable {
            let text: String
            let blocks: [Block]
        }
        struct Block: Encodable {
            let type: String
            var text: Text?
            var fields: [Text]?
            var elements: [Text]?
        }
        struct Text: Encodable {
            let type: String
            let text: String
            var emoji: Bool?

            static func plain(_ text: String) -> Text { Text(type: "plain_text", text: text.slackEscaped, emoji: false) }
        }
        var blocks = [Block(type: "header", text: .plain(title))]
        // Five facts of two fields each: a section holds ten.
        for start in stride(from: 0, to: facts.count, by: 5) {
            let fields = facts[start..<min(start + 5, facts.count)].flatMap { [Text.plain($0.label), .plain($0.value)] }
            blocks.append(Block(type: "section", fields: fields))
        }
        if let link {
            blocks.append(Block(type: "section", text: Text(type: "mrkdwn", text: "<\(link.text.slackEscaped)|Open>")))
        }
        blocks.append(Block(type: "context", elements: [.plain("mayfly, \(time8601)")]))
        return try HTTPMessage(Document(text: title.slackEscaped, blocks: blocks))
    }
}

extension String {
    /// The three characters that Slack gives a meaning to ("Formatting text for app surfaces").
    fileprivate var slackEscaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
