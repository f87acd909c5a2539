// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Notifications
import Policies
import Storage
import Testing

@testable import Issuance

extension EdgeCaseTests {
    @Suite("an approver leaves, before the claim or after it") struct ApproverLeaves {
        @Test func `an approver who left before the claim sends the request back`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            ca.people.put(.lea, into: [])
            #expect(
                try await ca.reasons() == [
                    "`\(id)`: the approval of `lea@example.com` no longer counts; it waits for another"
                ])
            #expect(try await ca.status(id) == .pending)
            #expect(try await ca.events().suffix(2).first?.access?.lost == ["lea@example.com"])
            #expect(try await ca.approve(id, by: .leo) == .approved)
            #expect(try await ca.take().record != nil)
        }

        @Test(arguments: [true, false])
        func `an approver who left while it is in use stops it, and gives it back when back`(isGone: Bool) async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            _ = try await ca.take()
            ca.people.put(.lea, into: isGone ? nil : [])
            #expect(try await ca.reasons() == ["`\(id)`: the approval of `lea@example.com` no longer counts"])
            #expect(try await ca.status(id) == .active)
            ca.people.put(.lea, into: ["leads"])
            #expect(try await ca.take().record != nil)
        }

        @Test func `who is in two groups sits where others cannot`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask("db")
            for person in [Person.leo, .lea, .bea] { try await ca.approve(id, by: person) }
            #expect(try await ca.status(id) == .approved)
            // Leo sat with the board: nobody else there but Bea.
            ca.people.put(.leo, into: ["leads"])
            let why = "the approval of `leo@example.com` no longer counts for 2 of group `board`"
            #expect(try await ca.reasons("db") == ["`\(id)`: \(why); it waits for another"])
            #expect(try await ca.status(id) == .pending)
            let voided = try #require(try await ca.events().last { $0.type == .accessVoided }?.access)
            #expect(voided.lost == ["leo@example.com"] && voided.left == [[0]] && voided.note == why)
            // Nobody who still has a seat is asked again.
            #expect(try await ca.history(id).approvals.map(\.by.user) == [Person.leo, .lea, .bea].map(\.name))
            await #expect(throws: AccessError.refused(.alreadyDecided)) { try await ca.approve(id, by: .leo) }
            #expect(try await ca.approve(id, by: .bob) == .approved)
            #expect(try await ca.take("db").record?.grant == id)
        }

        @Test func `where nobody can approve any more in time, it says so`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            ca.clock.advance(1790)
            try await ca.approve(id)
            ca.clock.advance(20)
            ca.people.put(.lea, into: [])
            #expect(
                try await ca.reasons() == [
                    "`\(id)`: the approval of `lea@example.com` no longer counts; it is too late for another; ask again"
                ])
            #expect(try await ca.status(id) == .void)
        }
    }

    @Suite("the person who asked is gone") struct RequesterIsGone {
        @Test func `a person who was removed claims nothing`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            let caller = ca.caller(.ana)
            ca.people.put(.ana, into: nil)
            await #expect(throws: AuthorityError.personNoLongerKnown) { try await ca.authority.issue(.ssh(), for: caller) }
            #expect(try await ca.certificates(of: id).isEmpty)
            #expect(try await ca.status(id) == .approved)
        }

        @Test func `what a person who is gone holds is revoked by their name, and gives nothing more`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            _ = try #require(try await ca.take().record)
            let caller = ca.caller(.ana)
            ca.people.put(.ana, into: nil)
            var everything = RevocationMatch()
            everything.user = Person.ana.name
            let outcome = try await ca.authority.revoke(
                RevocationOrder(.matching(everything), reason: "left"), by: ca.caller(.root))
            #expect(outcome.count == 1)
            #expect(try await ca.certificates(of: id).allSatisfy { $0.revokedAt != nil })
            await #expect(throws: AuthorityError.personNoLongerKnown) {
                try await ca.authority.issue(.ssh(), for: caller)
            }
        }
    }

    @Suite("two people, each approver of the other") struct MutualApprovers {
        @Test func `who asks for one may approve another, and never their own`() async throws {
            let ca = try await TestCA.access()
            for person in [Person.ana, .bo] { ca.people.put(person, into: ["engineers", "leads"]) }
            let (anas, bos) = (try await ca.ask(by: .ana), try await ca.ask(by: .bo))
            await #expect(throws: AccessError.refused(.ownRequest)) { try await ca.approve(anas, by: .ana) }
            #expect(try await ca.approve(anas, by: .bo) == .approved)
            #expect(try await ca.approve(bos, by: .ana) == .approved)
        }

        @Test(arguments: [(29.9, true), (30.1, false)])
        func `two who approve each other's requests within 30 days are allowed to, and it is said of both`(
            days: Double, isSaid: Bool
        ) async throws {
            let name = try #require(ReceiverName("all"))
            let ca = try await TestCA.access(
                announcements: Announcements(subscriptions: [Subscription(name: name)], address: nil))
            for person in [Person.ana, .bo] { ca.people.put(person, into: ["engineers", "leads"]) }
            let anas = try await ca.ask(by: .ana)
            try await ca.approve(anas, by: .bo)
            let approvedAt = AuditTime(ca.clock.now).date
            #expect(try await ca.authority.mutualApprovals(of: ca.history(anas)).isEmpty)
            ca.clock.advance(days * 86_400)
            let bos = try await ca.ask(by: .bo)
            #expect(try await ca.approve(bos, by: .ana) == .approved)
            let (first, second) = (
                try await ca.authority.mutualApprovals(of: ca.history(anas)),
                try await ca.authority.mutualApprovals(of: ca.history(bos))
            )
            let secondAt = AuditTime(ca.clock.now).date
            #expect(first == (isSaid ? [.init(person: Person.bo.name, request: bos, at: secondAt)] : []))
            #expect(second == (isSaid ? [.init(person: Person.ana.name, request: anas, at: approvedAt)] : []))

            let due = try await ca.store.base.claim(for: name, limit: 100, at: ca.clock.now, leaseEnd: ca.clock.now + 120)
            let notice = try #require(due.max { $0.number < $1.number }?.notice)
            #expect(notice.title == "shell for bo@example.com is approved")
            let fact = Notice.Fact("Each approved the other", "ana@example.com asked for \(anas)")
            #expect(notice.facts.contains(fact) == isSaid, "\(notice.facts)")

            // Somebody else's approval has nothing to do with it.
            let others = try await ca.ask(by: .root)
            try await ca.approve(others, by: .ana)
            #expect(try await ca.authority.mutualApprovals(of: ca.history(others)).isEmpty)
        }
    }
}
