// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Notifications

@Suite struct ShapingTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func payload(_ name: String, _ notice: Notice) throws -> [UInt8] {
        switch name {
        case "slack": try notice.slack().body
        case "teams": try notice.teams().body
        default: try notice.webhook(signedWith: try #require(WebhookSecret(Self.secret)), at: Sample.time).body
        }
    }

    @Test(arguments: ["webhook", "slack", "teams"])
    func `a payload is what its golden file and the documentation show`(_ name: String) throws {
        let actual = try Sample.pretty(try payload(name, try Sample.notice()))
        let golden = try Sample.golden(name + ".json", actual)
        #expect(actual == golden)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/notifications.md"), encoding: .utf8)
        #expect(page.contains(golden))
    }

    @Test func `a message is what its golden file shows`() throws {
        let from = try #require(MailAddress("mayfly@example.com"))
        let to = ["oncall@example.com", "lead@example.com"].compactMap(MailAddress.init)
        let message = String(decoding: try Sample.notice().email(from: from, to: to), as: UTF8.self)
        #expect(
            message.replacing("\r\n", with: "\n") == (try Sample.golden("email.txt", message.replacing("\r\n", with: "\n"))))
    }

    /// The example of the reference libraries of Standard Webhooks.
    @Test func `a signature is that of the specification`() throws {
        let secret = try #require(WebhookSecret(Self.secret))
        let signature = secret.signature(
            id: try #require(NoticeID("msg_p5jXN8AQM9LWM0D4loKWxJek")), timestamp: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `a webhook is signed over what is sent`() throws {
        let secret = try #require(WebhookSecret(Self.secret))
        let notice = try Sample.notice()
        let message = try notice.webhook(signedWith: secret, at: Sample.time)
        let headers = Dictionary(message.headers.map { ($0.name, $0.value) }) { $1 }
        #expect(headers["webhook-id"] == notice.id.text)
        #expect(headers["webhook-timestamp"] == "1790000000")
        #expect(headers["webhook-signature"] == secret.signature(id: notice.id, timestamp: 1_790_000_000, body: message.body))
        let later = try notice.webhook(signedWith: secret, at: Sample.time.addingTimeInterval(1))
        #expect(later.body == message.body)
        #expect(later.headers != message.headers)
    }

    @Test(arguments: ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!"])
    func `a secret that is weak or malformed is none`(_ text: String) {
        #expect(WebhookSecret(text) == nil)
    }

    @Test func `Slack neither mentions nor links what people wrote`() throws {
        let notice = try Sample.notice(title: "<!channel> & co", reason: "<https://evil.example|click>")
        let text = String(decoding: try notice.slack().body, as: UTF8.self)
        #expect(!text.contains("<!channel>") && !text.contains("<https://evil"))
        #expect(text.contains("&lt;!channel&gt; &amp; co"))
    }

    @Test(arguments: ["a\r\nBcc: eve@example.com", "a\u{2028}b\u{85}c", "safe\u{202e}txt.exe", "a\0b"])
    func `no text from people breaks a line or turns its direction`(_ hostile: String) throws {
        let notice = try Sample.notice(title: hostile, reason: hostile)
        for text in [notice.title, notice.facts[1].value] {
            #expect(
                text.unicodeScalars.allSatisfy { ![.control, .format, .lineSeparator].contains($0.properties.generalCategory) })
        }
        let from = try #require(MailAddress("mayfly@example.com"))
        let message = String(decoding: notice.email(from: from, to: [from]), as: UTF8.self)
        let head = message.split(separator: "\r\n\r\n")[0].split(separator: "\r\n")
        #expect(!head.contains { $0.hasPrefix("Bcc:") })
        #expect(head.count == 9)
    }

    @Test func `a long text is cut`() throws {
        let notice = try Sample.notice(title: String(repeating: "x", count: 5000), reason: String(repeating: "y", count: 5000))
        #expect(notice.title.count == 140 && notice.title.last == "…")
        #expect(notice.facts[1].value.count == 1000)
    }

    @Test func `an encoded word is short and cuts no character`() throws {
        let text = String(repeating: "Übergröße für 東京 ", count: 6)
        let words = EncodedWords.header(text, after: 9).components(separatedBy: "\r\n ")
        #expect(words.count > 1 && words.allSatisfy { $0.count <= 75 })
        let parts = try words.map { word in
            let bytes = try #require(Data(base64Encoded: String(word.dropFirst(10).dropLast(2))))
            return try #require(String(bytes: bytes, encoding: .utf8))
        }
        #expect(parts.joined() == text)
    }

    @Test(arguments: ["plain", "", "a b"]) func `plain text stays as it is`(_ text: String) {
        #expect(EncodedWords.header(text, after: 9) == text)
    }

    @Test(arguments: ["=?utf-8?B?AA==?=", " lead", "tail ", "ü", "a\r\nb"])
    func `what might be read otherwise is encoded`(_ text: String) {
        let header = EncodedWords.header(text, after: 9)
        #expect(header.hasPrefix("=?utf-8?B?") && !header.contains("\r"))
    }
}
