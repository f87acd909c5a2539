// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import ServiceAPI
import TestSupport
import Testing

@testable import Client

struct AuditCheckTests {
    private static let leaves = (0..<250).map { "entry \($0)" }

    private let authority: TestAuthority
    private let test: TestHome
    private let memory: CheckpointMemory

    init() throws {
        authority = try TestAuthority()
        test = try TestHome()
        memory = CheckpointMemory(test.state)
        try memory.pin(logKey: try TestLog([]).verifier.vkey)
    }

    /// - Parameters:
    ///   - log: what is signed.
    ///   - leaves: what is shown.
    private func checking<Result>(
        _ log: TestLog, leaves: [String]? = nil, _ body: (AuditCheck) async throws -> Result
    ) async throws -> Result {
        let shown = leaves ?? log.leaves
        let server = try await TestServer(tls: try authority.tls(try authority.leaf())) { call, _ in
            (try? Self.answer(call, log, shown)) ?? .none
        }
        return try await APIClient.connected(to: server.address, serviceCA: try authority.pem, session: nil) {
            try await body(AuditCheck(client: $0, memory: memory))
        }
    }

    private static func answer(_ call: TestServer.Call, _ log: TestLog, _ shown: [String]) throws -> TestServer.Answer {
        let query = URLComponents(string: call.uri)?.queryItems ?? []
        func number(_ name: String) -> Int { query.first { $0.name == name }?.value.flatMap { Int($0) } ?? 0 }
        func json(_ document: some Encodable) throws -> TestServer.Answer {
            .json(String(decoding: try JSONEncoder().encode(document), as: UTF8.self))
        }
        switch call.uri.split(separator: "?").first.map(String.init) {
        case Paths.auditCheckpoint: return try json(AuditCheckpoint(checkpoint: try log.checkpoint()))
        case Paths.auditConsistency:
            let (from, to) = (number("from"), number("to"))
            return try json(
                AuditConsistency(from: UInt64(from), to: UInt64(to), proof: try log.proof(from: from, to: to)))
        default:
            let page = shown.dropFirst(number("from")).prefix(number("limit"))
            return try json(AuditPage(from: UInt64(number("from")), leaves: Array(page), size: UInt64(shown.count)))
        }
    }

    private func remembered() throws -> UInt64? { try memory.last()?.size }

    @Test func `the first checkpoint is remembered, and every later one must go on from it`() async throws {
        let sizes = [0, 1, 2, 100, 128, 250]
        for size in sizes {
            let log = try TestLog(Array(Self.leaves.prefix(size)))
            #expect(try await checking(log) { try await $0.seenBefore() }.size == UInt64(size))
            #expect(try await checking(log) { try await $0.everything { _, _ in } }.checkpoint.size == UInt64(size))
            #expect(try remembered() == UInt64(size))
        }
    }

    @Test func `a log that was cut off is an alarm, and what was seen stays remembered`() async throws {
        _ = try await checking(TestLog(Self.leaves)) { try await $0.seenBefore() }
        await #expect(throws: ClientError.audit(.truncated(remembered: 250, found: 249))) {
            try await checking(TestLog(Array(Self.leaves.dropLast()))) { try await $0.everything { _, _ in } }
        }
        #expect(try remembered() == 250)
    }

    @Test(arguments: [3, 250, 251]) func `a log that was rewritten is an alarm`(_ size: Int) async throws {
        _ = try await checking(TestLog(Array(Self.leaves.prefix(3)))) { try await $0.seenBefore() }
        let other = try TestLog(["another entry"] + (1..<size).map { "entry \($0)" })
        let expected = ClientError.audit(.rewritten(size: 3, checkpointPath: test.state.checkpointPath))
        await #expect(throws: expected) { try await checking(other) { try await $0.seenBefore() } }
        await #expect(throws: expected) { try await checking(other) { try await $0.everything { _, _ in } } }
        #expect(try remembered() == 3)
    }

    @Test func `entries that were not signed are an alarm`() async throws {
        let log = try TestLog(Self.leaves)
        var changed = Self.leaves
        changed[120] += "!"
        await #expect(throws: ClientError.audit(.entries(.rootMismatch(size: 250)))) {
            try await checking(log, leaves: changed) { try await $0.everything { _, _ in } }
        }
        await #expect(throws: ClientError.audit(.entries(.tooFewLeaves(found: 249, size: 250)))) {
            try await checking(log, leaves: Array(Self.leaves.dropLast())) { try await $0.everything { _, _ in } }
        }
        #expect(try remembered() == nil)
    }

    @Test func `a log that grows meanwhile is no alarm`() async throws {
        let checkpoint = try await checking(TestLog(Array(Self.leaves.prefix(150))), leaves: Self.leaves) {
            try await $0.everything { _, _ in }.checkpoint
        }
        #expect(checkpoint.size == 150)
    }

    @Test func `a checkpoint of another key is an alarm`() async throws {
        let other = try TestLog(Self.leaves, seed: 2)
        await #expect(throws: ClientError.audit(.checkpoint(.notSigned(by: "mayfly-log/test")))) {
            try await checking(other) { try await $0.seenBefore() }
        }
        let (mine, theirs) = (try TestLog([]).verifier.vkey, try other.verifier.vkey)
        #expect(throws: ClientError.audit(.otherLogKey(remembered: mine, found: theirs))) { try memory.pin(logKey: theirs) }
        try memory.pin(logKey: mine)
    }

    @Test func `a remembered checkpoint that was tampered with is refused`() async throws {
        try memory.remember(try TestLog(Self.leaves).checkpoint().replacing("\n250\n", with: "\n249\n"))
        await #expect(throws: ClientError.audit(.checkpoint(.badSignature(by: "mayfly-log/test")))) {
            try await checking(TestLog(Self.leaves)) { try await $0.seenBefore() }
        }
    }
}
