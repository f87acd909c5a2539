// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import ServiceAPI
import Testing

@testable import Client

struct APIClientTests {
    private static let issued = """
        {"kind": "ssh", "serial": "12", "certificate": "c", "role": "r", "rule": "u", "narrowed": [],
         "valid_after": "2026-11-23T10:00:00Z", "valid_before": "2026-11-23T10:30:00Z"}
        """

    private let authority: TestAuthority

    init() throws {
        authority = try TestAuthority()
    }

    private func server(_ answer: @escaping @Sendable (TestServer.Call, Int) -> TestServer.Answer) async throws -> TestServer {
        try await TestServer(tls: try authority.tls(try authority.leaf()), answer: answer)
    }

    private func calling<Result>(_ server: TestServer, _ body: (APIClient) async throws -> Result) async throws -> Result {
        try await APIClient.connected(to: server.address, serviceCA: try authority.pem, session: nil, body)
    }

    @Test func `issuing is repeated with the same key when the reply is lost`() async throws {
        let server = try await server { _, before in before < 2 ? .none : .json(Self.issued, status: .created) }
        let issued = try await calling(server) { try await $0.issueSSH(.init(role: "r", publicKey: "k")) }
        #expect(issued.serial == "12")
        #expect(issued.validBefore == Date(timeIntervalSince1970: 1_795_429_800))
        #expect(server.calls.count == 3)
        let keys = server.calls.map { $0.headers[idempotencyKeyHeader] }
        #expect(keys[0].count == 1 && Set(keys).count == 1)
        #expect(Set(server.calls.map(\.body)).count == 1)
    }

    @Test func `a token is traded again with the same key when the reply is lost`() async throws {
        let opened = """
            {"certificate": "c", "expires_at": "2026-11-23T10:30:00Z", "identity": {"provider": "ci", "groups": []}}
            """
        let server = try await server { _, before in before < 2 ? .none : .json(opened, status: .created) }
        let reply = try await calling(server) {
            try await $0.openSession(TokenSessionRequest(provider: "ci", token: "t", csr: "c"))
        }
        #expect(reply.certificate == "c")
        #expect(server.calls.map(\.uri) == Array(repeating: Paths.tokenSessions, count: 3))
        let keys = server.calls.map { $0.headers[idempotencyKeyHeader] }
        #expect(keys[0].count == 1 && Set(keys).count == 1)
        #expect(Set(server.calls.map(\.body)).count == 1)
    }

    @Test func `two commands have two keys`() async throws {
        let server = try await server { _, _ in .json(Self.issued) }
        for _ in 0..<2 { _ = try await calling(server) { try await $0.issueSSH(.init(role: "r", publicKey: "k")) } }
        #expect(Set(server.calls.map { $0.headers[idempotencyKeyHeader] }).count == 2)
    }

    @Test func `it gives up after three attempts`() async throws {
        let server = try await server { _, _ in .none }
        await #expect {
            try await calling(server) { try await $0.issueSSH(.init(role: "r", publicKey: "k")) }
        } throws: { error in
            if case ClientError.unreachable = error { true } else { false }
        }
        #expect(server.calls.count == 3)
    }

    @Test func `what has no idempotency key is asked once`() async throws {
        let server = try await server { _, _ in .none }
        await #expect(throws: ClientError.self) {
            try await calling(server) { try await $0.release(.init(serial: "1", kind: nil, reason: "lost")) }
        }
        #expect(server.calls.count == 1)
    }

    @Test(arguments: [(Problem.Kind.denied, Int32(2)), (.invalidValue, 1), (.notAuthenticated, 1)])
    func `a problem is told once, and only a denial exits with 2`(_ kind: Problem.Kind, _ code: Int32) async throws {
        let problem = Problem(type: kind, status: 403, title: "t", detail: "not\u{1b}[2J yours", hint: "ask \u{7} ana")
        let text = String(decoding: try JSONEncoder().encode(problem), as: UTF8.self)
        let server = try await server { _, _ in .json(text, status: .forbidden) }
        let error = await #expect(throws: ClientError.problem(problem)) {
            try await calling(server) { try await $0.issueSSH(.init(role: "r", publicKey: "k")) }
        }
        #expect(error?.exitCode == code)
        #expect(error?.description == "not\\u{1b}[2J yours")
        #expect(error?.hint == "ask \\u{7} ana")
        #expect(server.calls.count == 1)
    }

    @Test func `the rules behind a refusal are told line by line, whatever the server puts into them`() {
        let text =
            "refused: no\n  · a.yaml:1 (`a`) does not apply: \u{1b}[2J\nnot a rule\n  ✔ b\u{202e}\nwhoever may change it\n"
        let explanation = DecisionExplanation(decision: .deny, summary: "no\u{7}", steps: [], text: text)
        let error = ClientError.problem(
            Problem(type: .denied, status: 403, title: "t", detail: "other words", explanation: explanation))
        #expect(error.description == "no\\u{7}")
        #expect(error.details == ["  · a.yaml:1 (`a`) does not apply: \\u{1b}[2J", "  ✔ b\\u{202e}"])
        let approval = ClientError.problem(
            Problem(type: .approvalNeeded, status: 403, title: "t", detail: "after\u{7} approval", explanation: explanation))
        #expect(approval.description == "after\\u{7} approval")
        #expect(approval.details == error.details)
        let many = DecisionExplanation(
            decision: .deny, summary: "no", steps: [], text: String(repeating: "  · x\n", count: 100_000))
        #expect(
            ClientError.problem(Problem(type: .denied, status: 403, title: "t", detail: "d", explanation: many)).details.count
                == 200)
    }

    @Test(arguments: [
        TestServer.Answer.json(""), .json("[]"), .json("{}"), .json("<html>", status: .internalServerError),
        .redirect(to: "https://localhost/elsewhere"), .bytes(16 << 20 + 1),
    ])
    func `a reply that is none is refused`(_ answer: TestServer.Answer) async throws {
        let server = try await server { _, _ in answer }
        await #expect {
            try await calling(server) { try await $0.status() }
        } throws: { error in
            if case ClientError.unexpectedReply = error { true } else { false }
        }
        #expect(server.calls.count == 1)
    }

    @Test func `values of a query are escaped`() async throws {
        let server = try await server { _, _ in .json(#"{"certificates": []}"#) }
        _ = try await calling(server) { try await $0.certificates(user: "a&b=c d/ä", onlyActive: true, limit: 1) }
        #expect(server.calls.map(\.uri) == ["/v1/certificates?user=a%26b%3Dc%20d%2F%C3%A4&active=true"])
    }

    @Test func `pages of the inventory that lead back are refused`() async throws {
        let server = try await server { _, _ in .json(#"{"certificates": [], "next": 7}"#) }
        await #expect(throws: ClientError.unexpectedReply("the pages of the inventory do not go on")) {
            try await calling(server) { try await $0.certificates(limit: 10) }
        }
        #expect(server.calls.count == 2)
    }
}
