// SPDX-License-Identifier: Apache-2.0

import Foundation
import NotificationDelivery
import Notifications
import TestSupport
import Testing

/// Against a server whose TLS and whose reading of messages are Python's.
@Suite(.timeLimit(.minutes(10))) struct MailTransportTests {
    private let outside: Outside

    init() throws {
        outside = try Outside()
    }

    private func notice(_ title: String = "Größe: ana asks for shell", people: [String] = []) throws -> Notice {
        Notice(
            id: try #require(NoticeID("msg_1")), kind: .accessRequested, time: outside.clock.now, title: title,
            facts: [.init("Reason", "INC-1\r\n.\r\nRCPT TO:<eve@example.com>")], people: people, recipients: [])
    }

    private func transport(
        _ server: MailServer, _ security: MailAccount.Security, password: String? = "secret", trusting roots: String? = nil,
        to: [String] = ["oncall@example.com", "lead@example.com"], peopleOf: Set<String> = []
    ) throws -> MailTransport {
        let from = try #require(MailAddress("mayfly@example.com"))
        let account = MailAccount(
            host: "127.0.0.1", port: server.port, security: security,
            credentials: password.map { .init(username: "mayfly", password: $0) }, from: from,
            to: to.compactMap(MailAddress.init),
            peopleOf: peopleOf)
        return MailTransport(account: account, trustRoots: roots ?? server.certificate)
    }

    @Test(arguments: [("starttls", MailAccount.Security.startTLS), ("implicit", .implicit)])
    func `a message and the password go through TLS alone`(_ mode: String, _ security: MailAccount.Security) async throws {
        try await serving(try await MailServer(mode, in: outside.directory)) { server in
            #expect(
                try await transport(server, security).send(try notice(), at: outside.clock.now) == Receipt("answered 250 taken")
            )
            let heard = try await server.heard()
            #expect(heard.auth == ["", "mayfly", "secret"])
            for (command, isSecured) in zip(heard.commands, heard.secured) {
                #expect(isSecured || command.hasPrefix("EHLO") || command == "STARTTLS", "\(command)")
            }
            #expect(
                heard.commands.filter { $0.hasPrefix("RCPT") } == [
                    "RCPT TO:<oncall@example.com>", "RCPT TO:<lead@example.com>",
                ])
            let message = try #require(heard.message)
            #expect(message.defects == 0)
            #expect(message.headers["subject"] == "Größe: ana asks for shell")
            #expect(message.headers["message-id"] == "<msg_1@example.com>")
            #expect(message.headers["to"] == "oncall@example.com, lead@example.com")
            #expect(message.text.contains("Reason: INC-1  .  RCPT TO:<eve@example.com>"))
        }
    }

    @Test func `people whom it concerns get it at their address, and one who has left holds up nobody`() async throws {
        let people = ["bo@example.com", "gone@example.com", "bo", "eve@elsewhere.example", "lead@example.com"]
        try await serving(try await MailServer("starttls", in: outside.directory)) { server in
            let receipt = try await transport(server, .startTLS, to: ["lead@example.com"], peopleOf: ["example.com"])
                .send(try notice(people: people), at: outside.clock.now)
            #expect(receipt.refused == ["gone@example.com"])
            let heard = try await server.heard()
            #expect(
                heard.commands.filter { $0.hasPrefix("RCPT") } == [
                    "RCPT TO:<lead@example.com>", "RCPT TO:<bo@example.com>", "RCPT TO:<gone@example.com>",
                ])
            #expect(heard.message?.headers["to"] == "lead@example.com, bo@example.com")
        }
    }

    @Test func `where the server takes nobody of those it concerns, it is not delivered`() async throws {
        try await serving(try await MailServer("starttls", in: outside.directory)) { server in
            _ = await #expect(throws: DeliveryProblem.smtpRefused(step: "RCPT TO gone@example.com", code: 550, text: "nobody"))
            {
                try await transport(server, .startTLS, to: [], peopleOf: ["example.com"])
                    .send(try notice(people: ["gone@example.com"]), at: outside.clock.now)
            }
        }
    }

    @Test func `a server without STARTTLS hears neither password nor message`() async throws {
        try await serving(try await MailServer("plain", in: outside.directory)) { server in
            await #expect(throws: DeliveryProblem.noSTARTTLS) {
                try await transport(server, .startTLS).send(try notice(), at: outside.clock.now)
            }
            let heard = try await server.heard()
            #expect(heard.commands == ["EHLO [127.0.0.1]"])
        }
    }

    @Test func `a password is never sent without TLS`() async throws {
        try await serving(try await MailServer("plain", in: outside.directory)) { server in
            await #expect(throws: DeliveryProblem.authWithoutTLS) {
                try await transport(server, .none).send(try notice(), at: outside.clock.now)
            }
            let heard = try await server.heard()
            #expect(heard.auth == nil)
        }
    }

    @Test func `what comes before TLS in its name is refused`() async throws {
        try await serving(try await MailServer("inject", in: outside.directory)) { server in
            await #expect(throws: DeliveryProblem.malformedReply) {
                try await transport(server, .startTLS).send(try notice(), at: outside.clock.now)
            }
            let heard = try await server.heard()
            #expect(heard.auth == nil)
        }
    }

    @Test func `a server with a certificate of nobody we trust is not used`() async throws {
        try await serving(try await MailServer("implicit", in: outside.directory)) { server in
            let other = try TemporaryDirectory()
            try await serving(try await MailServer("implicit", in: other)) { stranger in
                let error = await #expect(throws: DeliveryProblem.self) {
                    try await transport(server, .implicit, trusting: stranger.certificate)
                        .send(try notice(), at: outside.clock.now)
                }
                #expect(error?.description.hasPrefix("no TLS connection") == true, "\(String(describing: error))")
            }
        }
    }

    @Test func `a wrong password is refused without being repeated`() async throws {
        try await serving(try await MailServer("implicit", in: outside.directory)) { server in
            _ = await #expect(throws: DeliveryProblem.smtpRefused(step: "AUTH", code: 535, text: "")) {
                try await transport(server, .implicit, password: "wrong").send(try notice(), at: outside.clock.now)
            }
        }
    }

    /// It waits for the client to speak first, as a web server does.
    @Test func `a server that never greets is left when nobody waits any more`() async throws {
        try await serving(try await HTTPReceiver([])) { silent in
            let account = MailAccount(
                host: "127.0.0.1", port: silent.port, security: .none, credentials: nil,
                from: try #require(MailAddress("mayfly@example.com")), to: [], peopleOf: [])
            let transport = MailTransport(account: account, timeout: .seconds(86_400))
            let notice = try notice()
            let sending = Task { try await transport.send(notice, at: outside.clock.now) }
            sending.cancel()
            await #expect(throws: DeliveryProblem.stopped) { try await sending.value }
        }
    }

    @Test func `a server without AUTH PLAIN is not used`() async throws {
        try await serving(try await MailServer("implicit", offers: "", in: outside.directory)) { server in
            _ = await #expect(throws: DeliveryProblem.noAuthPlain) {
                try await transport(server, .implicit).send(try notice(), at: outside.clock.now)
            }
        }
    }
}
