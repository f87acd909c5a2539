// SPDX-License-Identifier: Apache-2.0

import Foundation
import Issuance
import Storage
import Testing

@testable import Authentication

/// When sessions were last used: in memory, and on disk now and then.
@Suite struct LastUsesTests {
    private let start = Date(timeIntervalSince1970: 1_795_000_000)
    private let directory: ScratchDirectory
    private let store: SQLStore

    init() async throws {
        directory = try ScratchDirectory()
        store = try await SQLStore.sqlite(path: directory.path + "/test.sqlite")
    }

    private func session(_ serial: String = "ab") -> SessionRecord {
        SessionRecord(
            serial: serial, provider: "local", user: "ana", certificateDigest: [], createdAt: start, expiresAt: start + 10_000)
    }

    private func uses() -> LastUses { LastUses(store: store, limit: .seconds(1000)) }

    @Test func `nothing is written by a call, and everything by one write`() async throws {
        let uses = uses()
        for second in 1...20 {
            try await uses.note(session("a"), from: "10.0.0.7", at: start + Double(second))
            try await uses.note(session("b"), from: nil, at: start + Double(second))
        }
        #expect(try await store.lastUse(ofSession: "a") == nil)
        try await uses.write(at: start + 20)
        #expect(
            try await store.lastUse(ofSession: "a")
                == LastUse(session: "a", time: start + 20, address: "10.0.0.7", expires: start + 10_000))
        #expect(try await store.lastUse(ofSession: "b")?.time == start + 20)
    }

    @Test func `a restart remembers what was written`() async throws {
        let before = uses()
        try await before.note(session(), from: nil, at: start + 900)
        try await before.write(at: start + 900)
        try await uses().note(session(), from: nil, at: start + 1899)
        await #expect(throws: AuthenticationError.sessionIdle) {
            try await uses().note(session(), from: nil, at: start + 1900)
        }
    }

    @Test func `what was not written ends a session early, never late`() async throws {
        try await uses().note(session(), from: nil, at: start + 900)
        await #expect(throws: AuthenticationError.sessionIdle) {
            try await uses().note(session(), from: nil, at: start + 1000)
        }
    }

    @Test func `what another process saw counts`() async throws {
        let (here, there) = (uses(), uses())
        try await here.note(session(), from: nil, at: start + 1)
        try await there.note(session(), from: nil, at: start + 900)
        try await there.write(at: start + 900)
        try await here.note(session(), from: nil, at: start + 1500)
    }

    @Test func `a session that was refused is not kept alive by trying`() async throws {
        let uses = uses()
        for second in [1000.0, 1001, 5000] {
            await #expect(throws: AuthenticationError.sessionIdle) {
                try await uses.note(session(), from: nil, at: start + second)
            }
        }
        try await uses.write(at: start + 5000)
        #expect(try await store.lastUse(ofSession: "ab") == nil)
    }

    @Test func `the list leaves out what went unused for too long`() async throws {
        let uses = uses()
        try await uses.note(session("b"), from: "10.0.0.7", at: start + 900)
        let open = try await uses.lastUses(of: [session("a"), session("b")], at: start + 1200)
        #expect(open.map(\.session.serial) == ["b"])
        #expect(open.first?.use.address == "10.0.0.7")
        #expect(open.first.map { uses.idleEnd(after: $0.use) } == start + 1900)
    }

    @Test func `a write that fails is made up for by the next`() async throws {
        let full = SessionStore(sessions: [])
        let uses = LastUses(store: full, limit: .seconds(1000))
        try await uses.note(session(), from: nil, at: start + 1)
        await #expect(throws: Unexpected.self) { try await uses.write(at: start + 1) }
        await #expect(throws: Unexpected.self) { try await uses.write(at: start + 2) }
    }
}
