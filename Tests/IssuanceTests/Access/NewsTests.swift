// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import Foundation
import Notifications
import Policies
import Storage
import Testing

@testable import Issuance

/// What people outside hear of a request, and that they hear it with the event or not at all.
@Suite struct NewsTests {
    private static let names = ["all", "denials"].compactMap(ReceiverName.init)

    /// One receiver of everything, one that asked for denials alone.
    private func newsroom() async throws -> TestCA {
        let subscriptions = [
            Subscription(name: Self.names[0]), Subscription(name: Self.names[1], kinds: [.accessDenied]),
        ]
        return try await TestCA.access(
            announcements: Announcements(subscriptions: subscriptions, address: try WebLink("https://ca.example.com/")))
    }

    /// What a receiver has not been told yet, and now is, in the order of writing.
    private func told(_ ca: TestCA, _ receiver: Int = 0) async throws -> [Notice] {
        let now = ca.clock.now
        let due = try await ca.store.base.claim(for: Self.names[receiver], limit: 100, at: now, leaseEnd: now + 120)
        for delivery in due { try await ca.store.base.settle(delivery, as: .delivered(at: now)) }
        return try due.sorted { $0.number < $1.number }.map { try #require($0.notice) }
    }

    private func titles(_ ca: TestCA) async throws -> [String] { try await told(ca).map(\.title) }

    /// What a server does every few seconds.
    private func look(_ ca: TestCA, since earlier: Double = 3 * 86_400) async throws {
        try await ca.store.base.add(
            try await ca.authority.newsOfDeadlines(since: ca.clock.now - earlier), at: ca.clock.now)
    }

    @Test func `whoever can act, and whoever asked, hear of each step of a request`() async throws {
        let ca = try await newsroom()
        let id = try await ca.ask(host: "web1.example.com", duration: .seconds(3600))
        let asked = try #require(try await told(ca).first)
        #expect(asked.kind == .accessRequested)
        #expect(asked.title == "ana@example.com asks for shell")
        #expect(asked.people == ["lea@example.com", "leo@example.com", "root@example.com"])
        #expect(asked.link?.text == "https://ca.example.com/requests/\(id)")
        let facts = [
            "Request: \(id)", "Who: ana@example.com", "Role: shell", "Host: web1.example.com", "For: 1h", "Reason: INC-1",
            "Waits for: 1 of groups `admins`, `leads`", "That is: lea@example.com, leo@example.com, root@example.com",
            "Until: 2026-11-18T11:36:40Z", "Approve: mayfly approve \(id)", "Deny: mayfly deny \(id) --note …",
        ]
        #expect(asked.facts.map { "\($0.label): \($0.value)" } == facts)

        try await ca.approve(id, duration: .seconds(600))
        let approved = try await told(ca)
        #expect(approved.map(\.title) == ["shell for ana@example.com is approved"])
        #expect(approved[0].people == ["ana@example.com"])
        #expect(approved[0].facts.contains(.init("For", "10m")))
        #expect(approved[0].facts.contains(.init("Use", "mayfly ssh web1.example.com --role shell")))

        _ = try await ca.take(host: "web1.example.com")
        _ = try await ca.take(host: "web1.example.com")
        let claimed = try await told(ca)
        #expect(claimed.map(\.title) == ["ana@example.com uses shell"])
        #expect(claimed[0].people == ["lea@example.com"])

        let more = try await ca.authority.requestExtension(
            of: id, duration: .seconds(600), reason: nil, for: ca.caller(.ana)
        ).history.request.id
        #expect(try await titles(ca) == ["ana@example.com asks for more time as shell"])
        try await ca.approve(more)
        #expect(try await titles(ca) == ["more time as shell for ana@example.com is approved"])

        _ = try await ca.authority.endGrant(id, by: ca.caller(.ana))
        // What goes on from it goes with it.
        #expect(
            try await titles(ca) == [
                "ana@example.com is done with shell", "ana@example.com withdrew the request for shell",
            ])
    }

    @Test func `who takes a grant away withdraws nothing in the name of whoever asked for more`() async throws {
        let ca = try await newsroom()
        let id = try await ca.ask(duration: .seconds(3600))
        try await ca.approve(id)
        _ = try await ca.take()
        _ = try await ca.authority.requestExtension(of: id, duration: .seconds(600), reason: nil, for: ca.caller(.ana))
        _ = try await told(ca)
        _ = try await ca.authority.denyAccess(id, note: "enough", by: ca.caller(.leo))
        let news = try await told(ca)
        #expect(
            news.map(\.title) == [
                "shell was taken from ana@example.com", "the request of ana@example.com for more time as shell is over",
            ])
        #expect(news[1].people.contains("ana@example.com"))
        #expect(news[1].facts.suffix(2) == [.init("By", "leo@example.com"), .init("Because", "enough")])
    }

    @Test func `the next step is told of when it is open, and to its people`() async throws {
        let ca = try await newsroom()
        let id = try await ca.ask("db")
        #expect(try await told(ca).map(\.people) == [["lea@example.com", "leo@example.com"]])
        try await ca.approve(id)
        let next = try await told(ca)
        #expect(next.map(\.title) == ["ana@example.com asks for db: the next step"])
        #expect(next[0].people == ["bea@example.com", "bob@example.com", "leo@example.com"])
        try await ca.approve(id, by: .bea)
        #expect(try await titles(ca) == [])
        try await ca.approve(id, by: .bob)
        #expect(try await titles(ca) == ["db for ana@example.com is approved"])
    }

    @Test func `a denial, a withdrawal and a revocation say who and why`() async throws {
        let ca = try await newsroom()
        let denied = try await ca.ask()
        _ = try await ca.authority.denyAccess(denied, note: "use the replica", by: ca.caller(.lea))
        let withdrawn = try await ca.ask()
        _ = try await ca.authority.cancelAccess(withdrawn, by: ca.caller(.ana))
        let revoked = try await ca.ask()
        try await ca.approve(revoked)
        _ = try await ca.take()
        _ = try await ca.authority.denyAccess(revoked, note: "enough", by: ca.caller(.leo))
        let news = try await told(ca).filter { $0.kind != .accessRequested }
        #expect(news.map(\.kind) == [.accessDenied, .accessCancelled, .accessApproved, .grantClaimed, .grantEnded])
        #expect(news[0].facts.suffix(2) == [.init("By", "lea@example.com"), .init("Because", "use the replica")])
        #expect(news[1].people == ["lea@example.com", "leo@example.com", "root@example.com"])
        #expect(news[4].title == "shell was taken from ana@example.com")
        #expect(news[4].facts.suffix(2) == [.init("By", "leo@example.com"), .init("Because", "enough")])
        // Who asked for denials alone hears of them alone.
        #expect(try await told(ca, 1).map(\.kind) == [.accessDenied])
    }

    @Test func `what comes too late to have an effect is no news`() async throws {
        let ca = try await newsroom()
        let id = try await ca.ask()
        _ = try await ca.authority.denyAccess(id, note: "no", by: ca.caller(.lea))
        _ = try await told(ca)
        await #expect(throws: AccessError.self) { try await ca.approve(id, by: .leo) }
        #expect(try await titles(ca) == [])
    }

    @Test func `a request that is sent back is told to both sides`() async throws {
        let ca = try await newsroom()
        let id = try await ca.ask()
        try await ca.approve(id)
        _ = try await told(ca)
        ca.people.put(.lea, into: [])
        _ = try await ca.take()
        let news = try await told(ca)
        #expect(news.map(\.title) == ["shell for ana@example.com was sent back", "ana@example.com asks for shell again"])
        #expect(news[0].facts.last == .init("Because", "the approval of `lea@example.com` no longer counts"))
        #expect(news.map(\.people) == [["ana@example.com"], ["leo@example.com", "root@example.com"]])
    }

    @Test func `broken glass is heard by everybody, and its review asked for until it is done`() async throws {
        let ca = try await newsroom()
        let id = try await ca.ask("rescue", breakGlass: true)
        for receiver in [0, 1] {
            let heard = try await told(ca, receiver)
            #expect(heard.map(\.title) == ["ana@example.com breaks the glass: rescue"], "\(receiver)")
            #expect(heard.first?.people == ["sec@example.com"])
        }
        _ = try await ca.take("rescue")
        #expect(try await titles(ca) == ["ana@example.com uses rescue after breaking the glass: review it"])
        ca.clock.advance(17 * 3600)
        try await look(ca, since: 60)
        #expect(try await titles(ca) == [])
        ca.clock.advance(3600)
        try await look(ca, since: 60)
        try await look(ca, since: 60)
        #expect(try await titles(ca) == ["review of ana@example.com breaking the glass: rescue is due"])
        for _ in 0..<2 {
            ca.clock.advance(86_400)
            try await look(ca, since: 60)
            try await look(ca, since: 60)
            #expect(try await titles(ca) == ["review of ana@example.com breaking the glass: rescue is overdue"])
            #expect(try await told(ca, 1).map(\.kind) == [.reviewOverdue])
        }
        _ = try await ca.authority.reviewAccess(id, verdict: .flagged, note: "no incident", by: ca.caller(.sec))
        #expect(try await titles(ca) == ["ana@example.com breaking the glass for rescue was reviewed: flagged"])
        ca.clock.advance(86_400)
        try await look(ca, since: 60)
        #expect(try await titles(ca) == [])
    }

    @Test func `what time alone ends is told once, whoever looks and however often`() async throws {
        let ca = try await newsroom()
        _ = try await ca.ask(reason: "INC-1")
        let lapses = try await ca.ask(reason: "INC-2")
        try await ca.approve(lapses)
        let ends = try await ca.ask("client")
        try await ca.approve(ends, duration: .seconds(300))
        _ = try await ca.take("client", grant: ends)
        let done = try await ca.ask("client", reason: "INC-3")
        try await ca.approve(done)
        _ = try await ca.take("client", grant: done)
        _ = try await ca.authority.endGrant(done, by: ca.caller(.ana))
        _ = try await told(ca)
        try await look(ca)
        #expect(try await titles(ca) == [])

        // A quarter of the half hour before it expires, those who can approve hear of it again.
        ca.clock.advance(1800 - 450)
        try await look(ca)
        let middle = try await titles(ca)
        #expect(
            Set(middle) == [
                "ana@example.com did not claim shell in time", "the time of ana@example.com as client is over",
                "ana@example.com still waits for shell",
            ])
        ca.clock.advance(451)
        let other = try ca.anotherAuthority()
        #expect(try await other.newsOfDeadlines(since: ca.clock.now - 3 * 86_400).isEmpty)
        try await look(ca)
        try await look(ca)
        #expect(try await titles(ca) == ["nobody approved shell for ana@example.com in time"])
        // A server that starts two days later looks back, and finds that it was told.
        ca.clock.advance(2 * 86_400)
        _ = try await ca.store.base.prune(before: ca.clock.now - 86_400, limit: 1000)
        try await look(ca)
        #expect(try await titles(ca) == [])
    }

    @Test func `who waits hears when the policy changes under the request, with the policy`() async throws {
        let ca = try await newsroom()
        let id = try await ca.ask()
        let over = try await ca.ask(reason: "INC-2")
        _ = try await ca.authority.cancelAccess(over, by: ca.caller(.ana))
        _ = try await ca.ask("db")
        _ = try await told(ca)
        let changed = try TestCA.policySet(accessPolicy.replacing("{groups: [leads, admins]}}]", with: "{groups: [leads]}}]"))
        ca.store.disturbOnce { _ in throw CancellationError() }
        await #expect(throws: (any Error).self) { try await ca.authority.replacePolicies(with: changed, from: nil) }
        #expect(try await titles(ca) == [])
        try await ca.authority.replacePolicies(with: changed, from: nil)
        let news = try await told(ca)
        #expect(news.map(\.title) == ["the policy has changed: shell for ana@example.com"])
        #expect(news.map(\.people) == [["ana@example.com"]])
        #expect(news[0].facts.contains(.init("Request", id)))
    }

    @Test func `nothing is told of what was not committed, and what was is told once`() async throws {
        let ca = try await newsroom()
        ca.store.disturbOnce { _ in throw CancellationError() }
        await #expect(throws: (any Error).self) { try await ca.ask() }
        #expect(try await titles(ca) == [])
        let id = try await ca.ask()
        _ = try await told(ca)
        let results = await concurrently(20) { number in
            try await ca.approve(id, by: [Person.lea, .leo, .root][number % 3])
        }
        #expect(results.count == 20)
        #expect(try await titles(ca) == ["shell for ana@example.com is approved"])
    }

    @Test func `a notice holds nothing that is not for everybody's eyes`() async throws {
        let ca = try await newsroom()
        let id = try await ca.ask()
        try await ca.approve(id)
        _ = try await ca.take()
        _ = try await ca.ask("rescue", breakGlass: true)
        _ = try await ca.authority.endGrant(id, by: ca.caller(.ana))
        let text = String(decoding: try await told(ca).flatMap { try $0.stored }, as: UTF8.self)
        let secrets = [Person.ana.session, Person.lea.session, "10.0.0.7", "request-", "SSH SIGNATURE", "ssh-ed25519"]
        for secret in secrets { #expect(!text.contains(secret), "\(secret)") }
        #expect(text.contains(id))
    }

    @Test func `mail for people alone is written only where one of them is concerned`() {
        let names = ["mail"].compactMap(ReceiverName.init)
        let subscriptions = [Subscription(name: names[0], onlyPeopleOf: ["example.com"])]
        #expect(subscriptions.recipients(of: .accessDenied, concerning: ["ana@example.com"]) == names)
        #expect(subscriptions.recipients(of: .accessDenied, concerning: ["ana@elsewhere.example", "bo"]) == [])
        #expect(subscriptions.recipients(of: .breakGlassUsed, concerning: []) == [])
    }
}
