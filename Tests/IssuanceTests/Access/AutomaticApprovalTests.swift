// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Notifications
import Policies
import Storage
import Testing

@testable import Issuance

/// A rule that approves by itself: whoever is on duty is in at once, for half an hour, and it is on record like any grant.
@Suite struct AutomaticApprovalTests {
    private func onDuty(_ groups: Set<String> = ["engineers", "duty"]) async throws -> TestCA {
        let ca = try await TestCA.access()
        ca.people.put(.ana, into: groups)
        return ca
    }

    @Test func `what the rule approves is approved with the request, and says by which rule`() async throws {
        let ca = try await onDuty()
        let id = try await ca.ask("quick")
        #expect(try await ca.status(id) == .approved)
        let events = try await ca.events()
        #expect(events.map(\.type) == [.accessRequested, .accessApproved])
        #expect(events.map(\.access?.rule) == ["duty", "duty"])
        #expect(events[1].actor == nil && events[1].access?.request == id)
        #expect(try await ca.history(id).approvingRule == "duty")
        let record = try #require(try await ca.take("quick").record)
        #expect(record.grant == id)
        #expect(try await ca.history(id).claim?.until == TestCA.start + 1800)
    }

    @Test func `it gives nothing that nobody asked for`() async throws {
        let ca = try await onDuty()
        #expect(try await ca.reasons("quick") == [])
    }

    @Test func `for longer than it gives, people are asked`() async throws {
        let ca = try await onDuty()
        let id = try await ca.ask("quick", duration: .seconds(1801))
        #expect(try await ca.status(id) == .pending)
        #expect(try await ca.history(id).request.rule == "quick-by-leads")
        #expect(try await ca.approve(id) == .approved)
        #expect(try await ca.history(id).approvingRule == nil)
    }

    @Test func `who is not on duty waits for people`() async throws {
        let ca = try await onDuty(["engineers"])
        let id = try await ca.ask("quick", duration: .seconds(60))
        #expect(try await ca.status(id) == .pending)
    }

    @Test func `whose duty has ended gets no more certificates, and the grant ends all the same`() async throws {
        let ca = try await onDuty()
        let id = try await ca.ask("quick")
        _ = try await ca.take("quick")
        ca.people.put(.ana, into: ["engineers"])
        #expect(try await ca.reasons("quick") == ["`\(id)`: rule `duty` no longer gives this"])
        ca.people.put(.ana, into: ["duty"])
        #expect(try await ca.take("quick").record?.validBefore == TestCA.start + 1200)
        ca.clock.advance(1500)
        #expect(try await ca.take("quick").record?.validBefore == TestCA.start + 1800)
        ca.clock.advance(300)
        #expect(try await ca.reasons("quick") == [])
    }

    @Test func `a turn that ends cuts the certificate, and one who takes over asks for themselves`() async throws {
        let ca = try await onDuty(["engineers"])
        // It starts at 2026-11-18T11:06:40Z: Bo took over from Ana six minutes before.
        try ca.load {
            $0.replacing(
                "allow:\n",
                with: """
                    groups:
                      duty: {rotation: {members: [ana@example.com, bo@example.com], every: 1d, starts: 2026-11-17T11:00, time_zone: UTC}}
                    windows:
                      office: {days: mon-fri, hours: "08:00-11:30", time_zone: UTC}
                    allow:

                    """
            ).replacing("    who: {groups: [duty]}\n", with: "    who: {groups: [duty]}\n    during: office\n")
        }
        #expect(try await ca.status(try await ca.ask("quick", by: .ana, duration: .seconds(60))) == .pending)
        let id = try await ca.ask("quick", by: .bo)
        #expect(try await ca.status(id) == .approved)
        // The window closes before the twenty minutes are over, and then nothing is given under the grant.
        ca.clock.advance(590)
        let record = try #require(try await ca.take("quick", by: .bo).record)
        #expect(record.validBefore == TestCA.start + 1400)
        ca.clock.advance(810)
        #expect(try await ca.reasons("quick", by: .bo) == ["`\(id)`: rule `duty` no longer gives this"])
    }

    @Test func `a rule that wants people now takes nothing that it approved by itself, nor the other way round`() async throws {
        let ca = try await onDuty()
        let id = try await ca.ask("quick")
        try ca.load {
            $0.replacing(
                "approval: {automatic: true, claim_within: 10m, grant: 30m}",
                with: "approval: {steps: [{by: {groups: [leads]}}], grant: 30m}")
        }
        #expect(
            try await ca.reasons("quick", grant: id) == [
                "`\(id)`: rule `duty` is not what it was when this was asked: "
                    + "it wanted nobody's approval, and wants approval by 1 of group `leads`"
            ])
        let asked = try await ca.ask("quick")
        #expect(try await ca.status(asked) == .pending)
        try ca.load { $0 }
        // What waits for people does not become approved because the rule would do it now.
        #expect(try await ca.status(asked) == .pending)
    }

    @Test func `an approval by a rule that somebody wrote into the database gives nothing where people are wanted`()
        async throws
    {
        let ca = try await onDuty()
        let id = try await ca.ask()
        let moment = Moment(policies: ca.authority.policies.current.set, clock: ca.clock)
        let found = try await ca.authority.accessCase(id)
        var event = ca.authority.event(.accessApproved, of: found, by: nil, at: moment)
        event.access?.rule = "ask"
        #expect(try await ca.authority.write(event, to: found, by: ca.caller(.lea), at: moment))
        #expect(try await ca.status(id) == .pending)
    }

    @Test func `it is taken away like any grant, and told like any approval`() async throws {
        let names = ["all"].compactMap(ReceiverName.init)
        let ca = try await TestCA.access(
            announcements: Announcements(subscriptions: [Subscription(name: names[0])], address: nil))
        ca.people.put(.ana, into: ["duty"])
        let id = try await ca.ask("quick")
        _ = try await ca.take("quick")
        _ = try await ca.authority.endGrant(id, by: ca.caller(.ana))
        #expect(try await ca.status(id) == .ended)
        #expect(try await ca.certificates(of: id).allSatisfy { $0.revokedAt != nil })
        let told = try await ca.store.base.claim(
            for: names[0], limit: 10, at: ca.clock.now, leaseEnd: ca.clock.now + 120)
        let notices = told.sorted { $0.number < $1.number }.compactMap(\.notice)
        #expect(notices.map(\.kind) == [.accessApproved, .grantClaimed, .grantEnded])
        #expect(notices.first?.facts.contains(.init("Approved by", "rule `duty`, by itself")) == true)
    }
}
