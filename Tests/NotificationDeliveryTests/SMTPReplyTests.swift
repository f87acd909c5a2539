// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import NotificationDelivery

@Suite struct SMTPReplyTests {
    @Test func `a reply of several lines is read in any pieces`() throws {
        let bytes = Array("250-mail.example.com\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n".utf8)
        for size in [1, 2, 7, bytes.count] {
            var reader = SMTPReplyReader()
            var reply: SMTPReply?
            for start in stride(from: 0, to: bytes.count, by: size) {
                #expect(reply == nil)
                reply = try reader.read(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(reply == SMTPReply(code: 250, lines: ["mail.example.com", "STARTTLS", "AUTH PLAIN LOGIN"]))
            #expect(reply?.offers("STARTTLS") == true && reply?.offers("AUTH", "PLAIN") == true)
            #expect(reply?.offers("AUTH", "XOAUTH2") == false && reply?.offers("PLAIN") == false)
        }
    }

    @Test(arguments: [
        "hello\r\n", "25\r\n", "999 x\r\n", "250-a\r\n251 b\r\n", "250_a\r\n", "220 a\r\n250 b\r\n", "\r\n",
        String(repeating: "2", count: 3000), String(repeating: "250-a\r\n", count: 100),
    ])
    func `a malformed or boundless reply is refused`(_ text: String) {
        var reader = SMTPReplyReader()
        #expect(throws: DeliveryProblem.malformedReply) { try reader.read(Array(text.utf8)) }
    }
}
