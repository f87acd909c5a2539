// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Notifications
import Policies
import Storage
import Synchronization
import Testing

@testable import Issuance

/// Grants in use whose rule says `recheck: revoke`: of the database, which takes a lead and two of the board.
@Suite struct RecheckTests {
    private static let pat = "pat@corp.example"

    /// - Returns: the id of a grant of Ana's that is in use, with one certificate.
    private func grant(_ role: String = "db", by people: [Person] = [.lea, .bea, .bob], at ca: TestCA) async throws -> String {
        let id = try await ca.ask(role)
        for person in people { try await ca.approve(id, by: person) }
        #expect(try await ca.take(role).record?.grant == id)
        return id
    }

    private func look(_ ca: TestCA) async throws -> Int { try await ca.authority.recheckGrants() }

    @Test(arguments: [true, false])
    func `a grant ends with the approval that it needs, and its certificates with it`(isGone: Bool) async throws {
        let ca = try await TestCA.access()
        let id = try await grant(at: ca)
        #expect(try await look(ca) == 0)
        ca.people.put(.bea, into: isGone ? nil : ["engineers"])
        #expect(try await look(ca) == 1)
        #expect(try await ca.status(id) == .revoked)
        #expect(try await ca.certificates(of: id).map { $0.revokedAt != nil } == [true])
        let events = try await ca.events().suffix(2)
        #expect(events.map(\.type) == [.accessRevoked, .certificateRevoked])
        #expect(events.allSatisfy { $0.actor == nil && $0.access?.request == id })
        #expect(events.first?.access?.lost == ["bea@example.com"])
        #expect(events.first?.access?.note == "the approval of `bea@example.com` no longer counts")
        // Once: what is over is not looked at again, and does not come back with the approver.
        #expect(try await look(ca) == 0)
        ca.people.put(.bea, into: ["board"])
        #expect(try await ca.take("db").record == nil)
    }

    @Test func `as long as enough are left, it goes on`() async throws {
        let ca = try await TestCA.access()
        ca.people.put(.leo, into: ["leads"])
        let id = try await grant(by: [.leo, .bea, .bob], at: ca)
        // Who sat as one of the leads may be one of the board as well.
        ca.people.put(.leo, into: ["leads", "board"])
        #expect(try await look(ca) == 0)
        ca.people.put(.leo, into: ["board"])
        #expect(try await look(ca) == 1)
        #expect(try await ca.status(id) == .revoked)
    }

    @Test func `one whose rule keeps it goes on, and gives nothing more`() async throws {
        let ca = try await TestCA.access()
        let id = try await grant("shell", by: [.lea], at: ca)
        ca.people.put(.lea, into: nil)
        #expect(try await look(ca) == 0)
        #expect(try await ca.status(id) == .active)
        #expect(try await ca.take().record == nil)
    }

    /// What is not in use yet is looked at when it is claimed, and goes back to waiting.
    @Test func `only what is in use is ended`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask("db")
        for person in [Person.lea, .bea, .bob] { try await ca.approve(id, by: person) }
        ca.people.put(.bob, into: [])
        #expect(try await look(ca) == 0)
        #expect(try await ca.status(id) == .approved)
        #expect(
            try await ca.reasons("db") == [
                "`\(id)`: the approval of `bob@example.com` no longer counts; it waits for another"
            ])
        #expect(try await ca.status(id) == .pending)
    }

    @Test(arguments: [
        (
            "count: 2}], wait", "count: 3}], wait",
            "it wanted approval by 1 of group `leads`, then 2 of group `board`, "
                + "and wants approval by 1 of group `leads`, then 3 of group `board`"
        ),
        (
            "groups: [leads]}}, {by", "groups: [admins]}}, {by",
            "it wanted approval by 1 of group `leads`, then 2 of group `board`, "
                + "and wants approval by 1 of group `admins`, then 2 of group `board`"
        ),
        ("id: ask-board", "id: ask-the-board", "it is gone, or needs no approval"),
    ])
    func `a policy that wants other approvals ends it`(old: String, new: String, change: String) async throws {
        let ca = try await TestCA.access()
        let id = try await grant(at: ca)
        try ca.load { $0.replacing(old, with: new) }
        #expect(try await look(ca) == 1)
        let why = try await ca.history(id).closing?.note
        #expect(why == "rule `ask-board` is not what it was when this was asked: " + change)
    }

    @Test func `a policy that wants approvals signed ends what rests on others`() async throws {
        let ca = try await TestCA.access()
        let id = try await grant(at: ca)
        try ca.load { $0.replacing(", recheck: revoke", with: ", recheck: keep, signed: key") }
        #expect(try await look(ca) == 1)
        #expect(
            try await ca.history(id).closing?.note
                == "the approval of `bea@example.com`, `bob@example.com`, `lea@example.com` no longer counts")
    }

    /// Whoever may change the policy does not lift what approvers agreed to; a stricter policy holds at once.
    @Test(arguments: [true, false])
    func `the stricter of the policy then and now counts`(wasStrict: Bool) async throws {
        let ca = try await TestCA.access()
        let lenient: (String) -> String = { $0.replacing("recheck: revoke", with: "recheck: keep") }
        try ca.load { wasStrict ? $0 : lenient($0) }
        let id = try await grant(at: ca)
        try ca.load { wasStrict ? lenient($0) : $0 }
        ca.people.put(.lea, into: [])
        #expect(try await look(ca) == 1)
        #expect(try await ca.status(id) == .revoked)
    }

    @Test func `what goes on from it goes with it, and nothing else does`() async throws {
        let ca = try await TestCA.access()
        try ca.load { $0.replacing("claim_within: 10m, recheck", with: "claim_within: 10m, total: 3h, recheck") }
        let id = try await grant(at: ca)
        let next = try await ca.authority.requestExtension(
            of: id, duration: nil, reason: "INC-1", for: ca.caller(.ana)
        ).history.request.id
        for person in [Person.lea, .bea, .bob] { try await ca.approve(next, by: person) }
        let other = try await grant(by: [.lea, .leo, .bob], at: ca)
        ca.people.put(.bea, into: nil)
        #expect(try await look(ca) == 1)
        #expect(try await ca.status(next) == .revoked)
        #expect(try await ca.status(other) == .active)
        #expect(try await ca.certificates(of: other).allSatisfy { $0.revokedAt == nil })
    }

    /// Of people whom only a provider knows it is the newest login that says which groups they are in.
    @Test func `who is known to a provider alone counts until another login, or the provider is gone`() async throws {
        for isRemoved in [false, true] {
            let ca = try await TestCA.access()
            let pat = try await ca.logIn(Self.pat, groups: ["leads"])
            let id = try await ca.ask("db")
            _ = try await ca.authority.approveAccess(id, ApprovalGiven(), by: pat)
            for person in [Person.bea, .bob] { try await ca.approve(id, by: person) }
            _ = try #require(try await ca.take("db").record)
            ca.clock.advance(60)
            #expect(try await look(ca) == 0)
            if isRemoved {
                ca.people.vouching.withLock { $0 = [] }
            } else {
                _ = try await ca.logIn(Self.pat, groups: ["engineers"])
            }
            #expect(try await look(ca) == 1)
        }
    }

    @Test func `whoever asked, and whoever is left to approve, hear of it`() async throws {
        let name = try #require(ReceiverName("all"))
        let ca = try await TestCA.access(
            announcements: Announcements(subscriptions: [Subscription(name: name)], address: nil))
        let id = try await grant(at: ca)
        ca.people.put(.bea, into: nil)
        _ = try await look(ca)
        let due = try await ca.store.base.claim(for: name, limit: 100, at: ca.clock.now, leaseEnd: ca.clock.now + 120)
        let notice = try #require(due.max { $0.number < $1.number }?.notice)
        #expect(notice.kind == .grantEnded)
        #expect(notice.title == "db was taken from ana@example.com")
        #expect(notice.people == ["ana@example.com", "bob@example.com", "lea@example.com", "leo@example.com"])
        #expect(notice.facts.contains(.init("Request", id)))
        #expect(notice.facts.contains(.init("Because", "the approval of `bea@example.com` no longer counts")))
    }

    @Test func `what cannot be written ends nothing, and is tried again`() async throws {
        let ca = try await TestCA.access()
        let (id, other) = (try await grant(at: ca), try await grant(at: ca))
        ca.people.put(.bob, into: nil)
        ca.store.disturbOnce { _ in throw Failure() }
        // The one that could be looked at is not kept by the one that could not.
        await #expect(throws: Failure.self) { try await look(ca) }
        #expect(try await Set([ca.status(id), ca.status(other)]) == [.active, .revoked])
        #expect(try await look(ca) == 1)
        #expect(try await [ca.status(id), ca.status(other)] == [.revoked, .revoked])
    }

    @Test func `a record that is damaged is said, and keeps none of the others`() async throws {
        let ca = try await TestCA.access()
        let id = try await grant(at: ca)
        var damage = try CommitEntry(event: AuditEvent(time: AuditTime(ca.clock.now), type: .keyUsed))
        var summary = try await ca.authority.accessCase(id).record.summary
        summary.id = "aaaaaaaaaaaa"
        damage.access = [AccessChange(summary: summary, events: [0])]
        _ = try await ca.store.base.commit([damage])
        ca.people.put(.bea, into: nil)
        await #expect(throws: AccessEventError.self) { try await look(ca) }
        #expect(try await ca.status(id) == .revoked)
    }

    /// Two servers that look at the same time, and a holder who takes certificates meanwhile.
    @Test func `however many look at once, it is ended once, and no certificate is left`() async throws {
        let ca = try await TestCA.access()
        let id = try await grant(at: ca)
        let other = try ca.anotherAuthority()
        let results = await concurrently(24) { number in
            if number == 8 { ca.people.put(.bea, into: nil) }
            if number % 3 == 0 { return try await (number % 2 == 0 ? ca.authority : other).recheckGrants() }
            _ = try await ca.take("db")
            return 0
        }
        let more = try await look(ca)
        #expect(results.compactMap { try? $0.get() }.reduce(more, +) == 1)
        #expect(try await ca.certificates(of: id).allSatisfy { $0.revokedAt != nil })
        #expect(try await ca.events().count { $0.type == .accessRevoked } == 1)
    }

    private struct Failure: Error {}
}
