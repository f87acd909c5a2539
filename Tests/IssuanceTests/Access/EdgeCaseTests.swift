// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import Storage
import Testing

@testable import Issuance

/// What happens between asking and claiming, and what others do at the same time.
@Suite struct EdgeCaseTests {
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
        let reasons = try await ca.reasons("db")
        #expect(reasons == nil)
        #expect(try await ca.status(id) == .pending)
    }

    @Test func `a role that grew since it was approved gives nothing`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await ca.approve(id)
        let changed = ["`\(id)`: rule `ask` is not what it was when this was asked: it wants other approvals, or gives more"]
        let wider = [
            ("extensions: [pty]", "extensions: [pty, port-forwarding]"),
            ("logins: [deploy, root]", "logins: [deploy, root, www]"),
            ("hosts: [\"web*.example.com\"]", "hosts: [\"web*.example.com\", \"db*.example.com\"]"),
        ]
        for (old, new) in wider {
            try ca.load { $0.replacing(old, with: new) }
            #expect(try await ca.reasons() == changed, "\(new)")
        }
        try ca.load { $0 }
        #expect(try await ca.take().record != nil)
    }

    @Test func `a role that shrank since it was approved gives less`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(duration: .seconds(7200))
        try await ca.approve(id)
        try ca.load {
            $0.replacing("logins: [deploy, root]", with: "logins: [deploy]").replacing("grant: 2h", with: "grant: 1h")
        }
        let record = try #require(try await ca.take().record)
        #expect(record.names == ["deploy@zone:web"])
        #expect(try await ca.history(id).claim?.until == TestCA.start + 3600)
    }

    @Test func `a rule that wants other approvals now takes none that it has`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try ca.load { $0.replacing("{groups: [leads, admins]}}]", with: "{groups: [leads]}, count: 2}]") }
        await #expect(throws: AccessError.notFound(id: id)) { try await ca.approve(id) }
        try ca.load { $0 }
        try await ca.approve(id)
        try ca.load { $0.replacing("{groups: [leads, admins]}}]", with: "{groups: [leads]}, count: 2}]") }
        #expect(
            try await ca.reasons() == [
                "`\(id)`: rule `ask` is not what it was when this was asked: it wants other approvals, or gives more"
            ])
    }

    @Test func `a rule that is gone gives nothing, and neither does one that others forbid`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await ca.approve(id)
        try ca.load { $0.replacing("id: ask\n", with: "id: ask-anew\n") }
        #expect(try await ca.reasons() == ["`\(id)`: rule `ask` no longer gives this"])
        try ca.load { $0 }
        ca.people.put(.ana, into: ["engineers", "contractors"])
        guard case .denied = try await ca.take() else { Issue.record("it was not denied"); return }
        ca.people.put(.ana, into: ["engineers"])
        #expect(try await ca.take().record != nil)
    }

    @Test func `who asks for one may approve another, and never their own`() async throws {
        let ca = try await TestCA.access()
        for person in [Person.ana, .bo] { ca.people.put(person, into: ["engineers", "leads"]) }
        let (anas, bos) = (try await ca.ask(by: .ana), try await ca.ask(by: .bo))
        await #expect(throws: AccessError.refused(.ownRequest)) { try await ca.approve(anas, by: .ana) }
        #expect(try await ca.approve(anas, by: .bo) == .approved)
        #expect(try await ca.approve(bos, by: .ana) == .approved)
    }

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

    @Test func `what is decided too late is on record once, and changes nothing`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        ca.clock.advance(1800)
        for _ in 0..<2 {
            await #expect(throws: AccessError.refused(.over(.expired))) { try await ca.approve(id) }
        }
        await #expect(throws: AccessError.refused(.over(.expired))) {
            try await ca.authority.denyAccess(id, note: "no", by: ca.caller(.leo))
        }
        #expect(try await ca.status(id) == .expired)
        #expect(try await ca.events().map(\.type) == [.accessRequested, .accessApproved, .accessDenied])
        #expect(try await ca.history(id).late.count == 2)
    }

    @Test func `nobody decides about their own request, not even an administrator`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(by: .root)
        await #expect(throws: AccessError.refused(.ownRequest)) { try await ca.approve(id, by: .root) }
        await #expect(throws: AccessError.refused(.ownRequest)) {
            try await ca.authority.denyAccess(id, note: "no", by: ca.caller(.root))
        }
        #expect(try await ca.status(id) == .pending)
    }

    @Test func `who is in both groups has one seat`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask("db")
        await #expect(throws: AccessError.refused(.notYourTurn(waitingFor: "1 of group `leads`"))) {
            try await ca.approve(id, by: .bea)
        }
        #expect(try await ca.approve(id, by: .leo) == .pending)
        await #expect(throws: AccessError.refused(.alreadyDecided)) { try await ca.approve(id, by: .leo) }
        #expect(try await ca.approve(id, by: .bea) == .pending)
        #expect(try await ca.approve(id, by: .bob) == .approved)
    }

    @Test func `of many who approve at once, as many count as are needed`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        let people: [Person] = [.lea, .leo, .root]
        let results = await concurrently(9) { try await ca.approve(id, by: people[$0 % 3]) }
        #expect(results.count { (try? $0.get()) != nil } == 1)
        #expect(try await ca.history(id).approvals.count == 1)
        #expect(try await ca.events().count { $0.type == .accessApproved } == 1)
    }

    @Test func `a denial ends it before the quorum`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask("db")
        try await ca.approve(id)
        _ = try await ca.authority.denyAccess(id, note: "not today", by: ca.caller(.bea))
        #expect(try await ca.status(id) == .denied)
        await #expect(throws: AccessError.refused(.over(.denied))) { try await ca.approve(id, by: .leo) }
        #expect(try await ca.reasons("db") == nil)
    }

    @Test func `a request is withdrawn by whoever asked, and not once it is in use`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        await #expect(throws: AccessError.refused(.notTheRequester)) {
            try await ca.authority.cancelAccess(id, by: ca.caller(.lea))
        }
        _ = try await ca.authority.cancelAccess(id, by: ca.caller(.ana))
        #expect(try await ca.status(id) == .cancelled)
        let other = try await ca.ask()
        try await ca.approve(other)
        _ = try await ca.take()
        await #expect(throws: AccessError.refused(.over(.active))) {
            try await ca.authority.cancelAccess(other, by: ca.caller(.ana))
        }
    }

    @Test func `what is asked is seen by whoever asked and whoever decides`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        for person in [Person.ana, .lea, .leo, .root, .sec] {
            #expect(try await ca.authority.accessRequest(id, for: ca.caller(person)).history.request.id == id)
        }
        for person in [Person.bo, .cy, .bea] {
            await #expect(throws: AccessError.notFound(id: id)) {
                try await ca.authority.accessRequest(id, for: ca.caller(person))
            }
            let list = try await ca.authority.accessRequests(
                onlyOwn: false, onlyOpen: true, before: nil, for: ca.caller(person))
            #expect(list.cases.isEmpty)
        }
        await #expect(throws: AccessError.notFound(id: "x'; --")) {
            try await ca.authority.accessRequest("x'; --", for: ca.caller(.sec))
        }
        #expect(
            try await ca.authority.decidingPeople(on: [ca.authority.accessCase(id)])
                == [["lea@example.com", "leo@example.com", "root@example.com"]])
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

    @Test(arguments: [true, false])
    func `a claim whose reply was lost is answered again with the same certificate`(isWritten: Bool) async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await ca.approve(id)
        ca.store.disturbOnce { [base = ca.store.base] entries in
            if isWritten { _ = try await base.commit(entries) }
            throw DiskFailure()
        }
        let request = try IssuanceRequest(
            role: "shell", subject: .ssh(try .new(), logins: nil, host: nil), lifetime: nil, reason: nil)
        await #expect(throws: DiskFailure()) { try await ca.authority.issue(request, for: ca.caller(.ana, key: "k")) }
        #expect(try await ca.status(id) == (isWritten ? .active : .approved))
        ca.clock.advance(10)
        // By another server, too.
        let again = try #require(
            try await ca.anotherAuthority().issue(request, for: ca.caller(.ana, key: "k")).record)
        let all = try await ca.certificates(of: id)
        #expect(all.map(\.serial) == [again.serial])
        #expect(try await ca.history(id).claim?.until == TestCA.start + (isWritten ? 7200 : 7210))
    }

    @Test func `nobody fills the desks of those who approve`() async throws {
        let ca = try await TestCA.access()
        for _ in 0..<20 { _ = try await ca.ask() }
        await #expect(throws: AccessError.tooManyOpen(limit: 20)) { try await ca.ask() }
        ca.clock.advance(1801)
        _ = try await ca.ask()
    }

    @Test func `a claim that cannot be recorded starts no clock`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await ca.approve(id)
        ca.store.disturbOnce { _ in throw DiskFailure() }
        await #expect(throws: DiskFailure()) { try await ca.take() }
        #expect(try await ca.status(id) == .approved)
        #expect(try await ca.certificates(of: id).isEmpty)
        #expect(try await ca.take().record != nil)
    }

    @Test func `a grant that is taken away while a certificate is signed gives none`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await ca.approve(id)
        _ = try await ca.take()
        let other = try ca.anotherAuthority()
        ca.store.disturbOnce { _ in _ = try await other.revokeGrant(id, note: "now", by: ca.caller(.lea)) }
        #expect(try await ca.reasons() == [])
        #expect(try await ca.certificates(of: id).map { $0.revokedAt != nil } == [true])
    }

    @Test func `however many are taken while it is ended, none is left`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask()
        try await ca.approve(id)
        let results = await concurrently(30) { number in
            if number == 15 { _ = try await ca.authority.endGrant(id, by: ca.caller(.ana)) }
            return try await ca.take().record != nil
        }
        #expect(!results.isEmpty)
        // Where it was ended before the first certificate, that was refused, and it is ended now.
        if try await ca.status(id) == .active { _ = try await ca.authority.endGrant(id, by: ca.caller(.ana)) }
        if try await ca.status(id) == .ended {
            #expect(try await ca.certificates(of: id).allSatisfy { $0.revokedAt != nil })
        }
        #expect(try await ca.take().record == nil)
    }

    @Test func `an extension is a request of its own, and goes on where the grant ends`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(host: "web1.example.com", duration: .seconds(1800))
        await #expect(throws: AccessError.notExtendable(.pending)) { try await extend(id, at: ca) }
        try await ca.approve(id)
        _ = try await ca.take()
        ca.clock.advance(1200)
        let next = try await extend(id, at: ca)
        #expect(try await ca.history(next).request.extends == id)
        #expect(try await ca.history(next).request.host == "web1.example.com")
        await #expect(throws: AccessError.alreadyExtended(by: next)) { try await extend(id, at: ca) }
        #expect(try await ca.approve(next, by: .leo) == .scheduled)
        // Until then the grant before it is used, and not a second longer.
        #expect(try await ca.take().record?.grant == id)
        ca.clock.advance(600)
        let record = try #require(try await ca.take().record)
        #expect(record.grant == next)
        #expect(try await ca.history(next).claim?.until == TestCA.start + 1800 + 1800)
    }

    @Test func `a grant that is taken away takes along what goes on from it`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(duration: .seconds(1800))
        try await ca.approve(id)
        _ = try await ca.take()
        let next = try await extend(id, at: ca)
        try await ca.approve(next)
        _ = try await ca.authority.revokeGrant(id, note: "over", by: ca.caller(.lea))
        #expect(try await ca.status(next) == .revoked)

        let other = try await ca.ask(duration: .seconds(1800))
        try await ca.approve(other)
        _ = try await ca.take()
        let pending = try await extend(other, at: ca)
        _ = try await ca.authority.endGrant(other, by: ca.caller(.ana))
        #expect(try await ca.status(pending) == .cancelled)
    }

    private func extend(_ id: String, at ca: TestCA) async throws -> String {
        try await ca.authority.requestExtension(
            of: id, duration: .seconds(1800), reason: "INC-1 goes on", for: ca.caller(.ana)
        ).history.request.id
    }
}
