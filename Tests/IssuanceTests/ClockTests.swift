// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

/// The server's clock is what ends certificates, so it must not run backwards unnoticed.
@Suite struct ClockTests {
    @Test func `a clock that jumped back issues nothing`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-61)
        await #expect(throws: AuthorityError.clockWentBack(lastEvent: TestCA.start + 0.25)) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller())
        }
        #expect(try await ca.certificates().count == 1)
    }

    @Test func `a clock that jumped back records no denial, so none is told`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-61)
        await #expect(throws: AuthorityError.clockWentBack(lastEvent: TestCA.start + 0.25)) {
            try await ca.authority.issue(.ssh(), for: Person.cy.caller())
        }
    }

    @Test func `a small step back is tolerated, and does not add up`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-40)
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-40)
        await #expect(throws: AuthorityError.clockWentBack(lastEvent: TestCA.start + 0.25)) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller())
        }
    }

    @Test func `a clock that was put right issues again`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-3600)
        _ = try? await ca.authority.issue(.ssh(), for: Person.ana.caller())
        ca.clock.advance(3600)
        #expect(try await ca.authority.issue(.ssh(), for: Person.ana.caller()).record != nil)
    }

    @Test func `a clock that ran ahead is accepted as wrong, on record, and what it did is undone`() async throws {
        let ca = try await TestCA()
        let before = try await ca.issued(.ssh())
        ca.clock.advance(TestCA.year / 2)
        let ahead = ca.clock.now
        let wrong = try await ca.openSession()
        try await reopen(ca)
        let future = try await ca.issued(.ssh(), to: ana("future"))
        ca.clock.advance(-TestCA.year / 2 + 60)
        let recovery = ClockRecovery(store: ca.store, clock: ca.clock)
        let obstacle = try #require(try await recovery.obstacle())
        #expect(AuditTime(obstacle) == AuditTime(ahead))

        let outcome = try await recovery.accept(lastEvent: obstacle, by: "root")
        #expect(outcome.revoked == 2)
        let event = try #require(try await ca.events().first { $0.type == .clockAccepted })
        #expect(event.clock == .init(from: AuditTime(ahead), to: AuditTime(ca.clock.now)))
        #expect(event.time == AuditTime(ca.clock.now))
        #expect(event.actor == .init(provider: "console", user: "root"))
        #expect(try await recovery.obstacle() == nil)

        // What the wrong clock gave is no good when its time comes, and what came before is.
        #expect(try await ca.store.certificate(issuer: future.issuer, serial: future.serial)?.revokedAt != nil)
        #expect(try await ca.store.certificate(issuer: before.issuer, serial: before.serial)?.revokedAt == nil)
        for serial in [wrong.session.serial, "future", Person.bo.session] {
            #expect(try await ca.store.session(serial: serial)?.endedAt != nil)
        }
        await #expect(throws: AuthorityError.sessionEnded) {
            try await ca.authority.issue(.ssh(), for: Person.bo.caller())
        }
        // Serials go on, and so does the log.
        try await reopen(ca, "again")
        let next = try await ca.issued(.ssh(), to: ana("again"))
        #expect(try #require(UInt64(next.serial)) > (try #require(UInt64(future.serial))))
        let frontier = try await ca.store.logFrontier()
        #expect(frontier.size == UInt64(try await ca.store.logLeaves(from: 0, limit: 1000).count))
    }

    @Test func `only the event that was looked at is accepted`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-3600)
        let recovery = ClockRecovery(store: ca.store, clock: ca.clock)
        let size = try await ca.store.logFrontier().size
        for other in [TestCA.start, TestCA.start + 1] {
            await #expect(throws: CommitRefusal.clockWentBack(lastEvent: TestCA.start + 0.25)) {
                try await recovery.accept(lastEvent: other, by: "root")
            }
        }
        #expect(try await ca.store.logFrontier().size == size)
        #expect(try await ca.store.session(serial: Person.ana.session)?.endedAt == nil)
    }

    @Test func `a clock that is right has nothing to accept`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-59)
        #expect(try await ClockRecovery(store: ca.store, clock: ca.clock).obstacle() == nil)
    }

    private func ana(_ session: String) -> Caller {
        Caller(
            identity: Person.ana.identity, session: session, requestID: "request-1", idempotencyKey: nil,
            isStillKnown: { true })
    }

    /// A session of ana's as of now.
    private func reopen(_ ca: TestCA, _ serial: String = "future") async throws {
        var entry = try CommitEntry(event: AuditEvent(time: AuditTime(ca.clock.now), type: .loginAllowed))
        entry.session = SessionRecord(
            serial: serial, provider: "local", user: Person.ana.name, certificateDigest: [], createdAt: ca.clock.now,
            expiresAt: ca.clock.now + 3600)
        _ = try await ca.store.commit([entry])
    }
}
