// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

extension EdgeCaseTests {
    @Suite("clocks differ") struct Clocks {
        @Test func `a clock that is behind the log claims nothing`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            ca.clock.advance(300)
            try await ca.approve(id)
            ca.clock.advance(-300)
            await #expect {
                try await ca.take()
            } throws: { error in
                if case .clockWentBack = error as? AuthorityError { true } else { false }
            }
            ca.clock.advance(300)
            #expect(try await ca.status(id) == .approved)
            #expect(try await ca.take().record?.grant == id)
        }

        /// A minute before, for servers that are behind; and not one second after.
        @Test func `a certificate begins no earlier than was approved, and a small step back lengthens nothing`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask(duration: .seconds(600), starts: TestCA.start + 3600)
            try await ca.approve(id)
            ca.clock.advance(3630)
            let first = try #require(try await ca.take().record)
            #expect(first.validAfter == TestCA.start + 3600)
            let end = TestCA.start + 3630 + 600
            #expect(first.validBefore == end)
            ca.clock.advance(-20)
            #expect(try await ca.take(lifetime: .seconds(3600)).record?.validBefore == end)
            ca.clock.advance(20 + 599.5)
            #expect(try await ca.take().record?.validBefore == end)
            ca.clock.advance(0.25)
            #expect(try await ca.take().record == nil)
        }
    }

    @Suite("a request is over before it is decided") struct TooLate {
        @Test func `what is decided too late is on record, each act once, and changes nothing`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            ca.clock.advance(1800)
            func deny(_ note: String, by person: Person) async throws {
                _ = try await ca.authority.denyAccess(id, note: note, by: ca.caller(person))
            }
            for _ in 0..<2 {
                await #expect(throws: AccessError.tooLate(.expired)) { try await ca.approve(id) }
                await #expect(throws: AccessError.tooLate(.expired)) { try await deny("no", by: .lea) }
                await #expect(throws: AccessError.tooLate(.expired)) { try await deny("no", by: .leo) }
            }
            #expect(try await ca.status(id) == .expired)
            #expect(try await ca.events().map(\.type) == [.accessRequested, .accessApproved, .accessDenied, .accessDenied])
            // In other words it is another act; of very many, nobody is told that they are kept.
            for number in 0..<8 {
                await #expect(throws: AccessError.tooLate(.expired)) { try await deny("\(number)", by: .lea) }
            }
            await #expect(throws: AccessError.refused(.over(.expired))) { try await deny("again", by: .lea) }
            await #expect(throws: AccessError.tooLate(.expired)) { try await deny("no", by: .lea) }
            await #expect(throws: AccessError.tooLate(.expired)) { try await deny("again", by: .leo) }
            #expect(try await ca.history(id).late.count == 12)
        }

        @Test func `who decides too late, and may not at all, leaves nothing`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            ca.clock.advance(1800)
            await #expect(throws: AccessError.refused(.notAnApprover)) {
                try await ca.authority.denyAccess(id, note: "no", by: ca.caller(.sec))
            }
            await #expect(throws: AccessError.refused(.ownRequest)) {
                try await ca.authority.denyAccess(id, note: "no", by: ca.caller(.ana))
            }
            #expect(try await ca.events().count == 1)
        }

        @Test(arguments: [0.0, 0.001, 0.5, 0.999])
        func `what is over is no longer among what is open, by the clock of that moment`(fraction: Double) async throws {
            let ca = try await TestCA.access()
            func open() async throws -> [String] {
                try await ca.authority.accessRequests(onlyOwn: true, onlyOpen: true, before: nil, for: ca.caller(.ana)).cases
                    .map(\.history.request.id)
            }
            // Ended by whoever holds it, by nobody who approved, and by the time of the grant.
            let (ended, expired, used) = (try await ca.ask(), try await ca.ask(), try await ca.ask(duration: .seconds(1800)))
            for id in [ended, used] { try await ca.approve(id) }
            for id in [ended, used] { _ = try #require(try await ca.take(grant: id).record) }
            #expect(try await open() == [used, expired, ended])
            _ = try await ca.authority.endGrant(ended, by: ca.caller(.ana))
            #expect(try await open() == [used, expired])
            // It began a quarter after a whole second; the grant ends at a whole one, the waiting a quarter later.
            ca.clock.advance(1800 - 0.25 - 0.001)
            let states = [try await ca.status(used), try await ca.status(expired)]
            #expect(states == [.active, .pending])
            #expect(try await open() == [used, expired])
            ca.clock.advance(0.001)
            #expect(try await open() == [expired])
            ca.clock.advance(0.25 + fraction)
            #expect(try await open() == [])
            #expect(try await ca.status(expired) == .expired)
        }

        @Test func `a place among one's open requests is free the moment that one of them is over`() async throws {
            let ca = try await TestCA.access()
            let ids = try await ca.askMany(20)
            await #expect(throws: AccessError.tooManyOpen(limit: 20)) { try await ca.ask() }
            _ = try await ca.authority.cancelAccess(ids[0], by: ca.caller(.ana))
            _ = try await ca.ask()
        }

        @Test func `nobody fills the desks of those who approve`() async throws {
            let ca = try await TestCA.access()
            for _ in 0..<20 { _ = try await ca.ask() }
            await #expect(throws: AccessError.tooManyOpen(limit: 20)) { try await ca.ask() }
            ca.clock.advance(1801)
            _ = try await ca.ask()
        }
    }
}
