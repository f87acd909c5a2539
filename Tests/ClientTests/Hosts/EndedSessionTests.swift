// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOHTTP1
import ServiceAPI
import Synchronization
import TestSupport
import Testing

@testable import Client

/// What a host ended is told until the server knows it, and once.
@Suite(.timeLimit(.minutes(15)))
struct EndedSessionTests {
    private func session(_ number: Int) -> ReportedSession {
        ReportedSession(
            id: "boot-\(number)-1", outcome: .ended, reason: "revoked", issuer: "SHA256:ca", serial: "\(number)",
            login: "deploy", address: nil, since: Date(timeIntervalSince1970: 1_795_428_000),
            at: Date(timeIntervalSince1970: 1_795_428_060), lastsUntil: nil)
    }

    @Test func `a crash at any step loses nothing that was on disk`() async throws {
        let root = try await TestHostRoot()
        try await root.installation().install(try await root.contents())
        let steady = SessionWatch(paths: root.paths, files: DurableFiles(), log: nil)
        try await steady.remember([session(1)])
        #expect(try mode(of: root.paths.endedSessions) == 0o600)
        var step = 0
        var isDone = false
        while !isDone {
            let power = Power(changes: step)
            do {
                try await SessionWatch(paths: root.paths, files: power.files, log: nil).remember([session(2)])
                isDone = true
            } catch is Power.Gone {
                #expect(try steady.unreported() == [session(1)], "step \(step)")
            }
            step += 1
        }
        #expect(step > 2)
        #expect(try steady.unreported() == [session(1), session(2)])
        try await steady.forget([session(1)])
        #expect(try steady.unreported() == [session(2)])
        try await steady.forget([session(2)])
        #expect(!AtomicFile.exists(root.paths.endedSessions))
    }

    @Test func `it goes with the enrolment, and a host that left remembers nothing`() async throws {
        let root = try await TestHostRoot()
        let before = try root.snapshot()
        try await root.installation().install(try await root.contents())
        let sessions = SessionWatch(paths: root.paths, files: DurableFiles(), log: nil)
        try await sessions.remember([session(1)])
        #expect(try await root.installation().leave(reload: false).isEmpty)
        #expect(try root.snapshot() == before)
        await #expect(throws: ClientError.host(.notEnrolled)) { try await sessions.remember([session(1)]) }
        #expect(try root.snapshot() == before)
    }

    @Test func `a report that fails is made again with all of it, one that arrives takes it away`() async throws {
        let root = try await TestHostRoot()
        try await root.installation().install(try await root.contents())
        let authority = try TestAuthority()
        let isUp = Mutex(false)
        let reports = Mutex<[[UInt8]]>([])
        let server = try await TestServer(tls: authority.tls(authority.leaf())) { call, _ in
            guard call.uri.hasPrefix("/v1/hosts/reports") else { return .json("{}", status: .notFound) }
            guard isUp.withLock({ $0 }) else { return .json("{}", status: .serviceUnavailable) }
            reports.withLock { $0.append(call.body) }
            return .json("", status: .noContent)
        }
        let sessions = SessionWatch(paths: root.paths, files: DurableFiles(), log: nil)
        let all = (1...100).map(session)
        try await sessions.remember(all)
        try await APIClient.connected(to: server.address, serviceCA: try authority.pem, session: nil) { client in
            let sync = try HostSync(
                paths: root.paths, files: DurableFiles(), state: try HostState(root.paths), client: client, now: { Date() })
            let loop = HostSyncLoop(sync, sessions: sessions) { _ in }
            await #expect(throws: ClientError.self) { try await loop.once() }
            #expect(try sessions.unreported() == all)
            isUp.withLock { $0 = true }
            await #expect(throws: ClientError.self) { try await loop.once() }
        }
        #expect(try sessions.unreported().isEmpty)
        let told = try reports.withLock { $0 }.map { body in
            let request = try JSONDecoder().decode(HostReportRequest.self, from: Data(body))
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            return try decoder.decode(HostReportDocument.self, from: Data(request.report.utf8)).endedSessions ?? []
        }
        #expect(told.map(\.count) == [64, 36])
        #expect(told.flatMap(\.self) == all)
    }
}
