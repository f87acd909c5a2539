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

/// Approvers of whom no file tells, only their identity provider, when they log in.
@Suite struct ProviderPeopleTests {
    private static let pat = "pat@corp.example"

    private func newsroom() async throws -> TestCA {
        let subscription = try Subscription(name: #require(ReceiverName("all")))
        return try await TestCA.access(announcements: Announcements(subscriptions: [subscription], address: nil))
    }

    /// Whom the notices concern that were not looked at yet.
    private func told(_ ca: TestCA) async throws -> [[String]] {
        let (name, now) = (try #require(ReceiverName("all")), ca.clock.now)
        let due = try await ca.store.base.claim(for: name, limit: 100, at: now, leaseEnd: now + 120)
        for delivery in due { try await ca.store.base.settle(delivery, as: .delivered(at: now)) }
        return try due.sorted { $0.number < $1.number }.map { try #require($0.notice).people }
    }

    private func deciding(_ id: String, at ca: TestCA) async throws -> [String] {
        try await ca.authority.decidingPeople(on: [ca.authority.accessCase(id)])[0]
    }

    @Test func `whoever could approve at the last login is asked, also when the session is over`() async throws {
        let ca = try await newsroom()
        _ = try await ca.logIn(Self.pat, groups: ["leads"])
        _ = try await ca.logIn("quinn@corp.example", groups: ["engineers"])
        ca.clock.advance(29 * 86_400)
        let id = try await ca.ask()
        let file = ["lea@example.com", "leo@example.com"]
        #expect(try await told(ca) == [file + [Self.pat, "root@example.com"]])
        #expect(try await deciding(id, at: ca) == file + [Self.pat, "root@example.com"])
        // What is forgotten of sessions is not forgotten of people.
        _ = try await ca.store.base.prune(before: ca.clock.now - 86_400, limit: 1000)
        #expect(try await deciding(id, at: ca).contains(Self.pat))
    }

    @Test func `whoever has not been seen for a month is not`() async throws {
        let ca = try await newsroom()
        _ = try await ca.logIn(Self.pat, groups: ["leads"])
        ca.clock.advance(KnownPerson.retention)
        _ = try await ca.ask()
        #expect(try await told(ca) == [["lea@example.com", "leo@example.com", "root@example.com"]])
        _ = try await ca.store.base.prune(before: ca.clock.now + 1, limit: 1000)
        #expect(try await ca.store.base.knownPeople(named: Self.pat, at: .distantPast).isEmpty)
    }

    @Test func `the newest login says who they are`() async throws {
        let ca = try await newsroom()
        _ = try await ca.logIn(Self.pat, groups: ["leads"])
        ca.clock.advance(60)
        _ = try await ca.logIn(Self.pat, groups: ["engineers"])
        let id = try await ca.ask()
        #expect(try await deciding(id, at: ca).contains(Self.pat) == false)
        let people = try await ca.store.base.knownPeople(named: Self.pat, at: ca.clock.now)
        #expect(people.map(\.loggedInAt) == [TestCA.start + 60])
    }

    @Test func `a provider that was taken away has nobody`() async throws {
        let ca = try await newsroom()
        _ = try await ca.logIn(Self.pat, groups: ["leads"])
        ca.people.vouching.withLock { $0 = [] }
        let id = try await ca.ask()
        #expect(try await deciding(id, at: ca).contains(Self.pat) == false)
        #expect(try await told(ca).joined().contains(Self.pat) == false)
    }

    @Test func `they hear of a review, and of the end of what they approved`() async throws {
        let ca = try await newsroom()
        let pat = try await ca.logIn(Self.pat, groups: ["leads", "security"])
        let id = try await ca.ask()
        _ = try await ca.authority.approveAccess(id, ApprovalGiven(), by: pat)
        _ = try await ca.take()
        _ = try await told(ca)
        _ = try await ca.authority.endGrant(id, by: ca.caller(.ana))
        #expect(try await told(ca) == [[Self.pat]])
        _ = try await ca.ask("rescue", breakGlass: true)
        #expect(try await told(ca) == [[Self.pat, "sec@example.com"]])
    }

    /// As with people of the file, who belongs to a group is a matter of now: of the newest login.
    @Test(arguments: [false, true])
    func `an approval counts as long as its giver is not known to have lost the seat`(isRemoved: Bool) async throws {
        let ca = try await TestCA.access()
        let pat = try await ca.logIn(Self.pat, groups: ["leads"])
        let id = try await ca.ask()
        ca.clock.advance(5)
        _ = try await ca.authority.approveAccess(id, ApprovalGiven(), by: pat)
        ca.clock.advance(60)
        _ = try await ca.logIn(Self.pat, groups: ["leads"])
        _ = try #require(try await ca.take().record)
        if isRemoved {
            ca.people.vouching.withLock { $0 = [] }
        } else {
            _ = try await ca.logIn(Self.pat, groups: ["engineers"])
        }
        #expect(try await ca.reasons() == ["`\(id)`: the approval of `\(Self.pat)` no longer counts"])
        ca.people.vouching.withLock { $0 = ["sso"] }
        ca.clock.advance(60)
        _ = try await ca.logIn(Self.pat, groups: ["leads"])
        #expect(try await ca.take().record != nil)
    }
}
