// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

extension EdgeCaseTests {
    @Suite("the policy changes between approval and certificate") struct PolicyChanges {
        private func changed(_ id: String, _ change: String) -> String {
            "`\(id)`: rule `ask` is not what it was when this was asked: " + change
        }

        @Test func `a restriction that is gone is more, and of much the first is said`() async throws {
            let ca = try await TestCA.access()
            try ca.load { $0.replacing("extensions: [pty]}}", with: "extensions: [pty], force_command: uptime}}") }
            let id = try await ca.ask()
            try await ca.approve(id)
            try ca.load { $0 }
            #expect(try await ca.reasons() == [changed(id, "it gives more: not bound to force-command uptime")])
            try ca.load { $0.replacing("logins: [deploy, root]", with: "logins: [deploy, root, a, b, c, d, e, f]") }
            let some = "principal a@zone:web, principal b@zone:web, principal c@zone:web, principal d@zone:web, "
            #expect(
                try await ca.reasons() == [changed(id, "it gives more: " + some + "principal e@zone:web, and 2 more")])
        }

        @Test func `a role that grew since it was approved gives nothing`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            let wider = [
                ("extensions: [pty]", "extensions: [pty, port-forwarding]", "extension permit-port-forwarding"),
                ("logins: [deploy, root]", "logins: [deploy, root, www]", "principal www@zone:web"),
                (
                    "hosts: [\"web*.example.com\"]", "hosts: [\"web*.example.com\", \"db*.example.com\"]",
                    "host db*.example.com in zone web"
                ),
            ]
            for (old, new, more) in wider {
                try ca.load { $0.replacing(old, with: new) }
                #expect(try await ca.reasons() == [changed(id, "it gives more: " + more)])
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

        @Test func `where nothing is left of what was approved it says so, and lapses`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            try ca.load { $0.replacing("logins: [deploy, root]", with: "logins: [www]") }
            #expect(try await ca.reasons() == [changed(id, "it gives more: principal www@zone:web")])
            ca.clock.advance(600)
            #expect(try await ca.status(id) == .lapsed)
            #expect(try await ca.certificates(of: id).isEmpty)
        }

        @Test func `the log says under which policy it was approved, and under which it was issued`() async throws {
            let ca = try await TestCA.access()
            let before = ca.authority.policies.current.set.digest
            let id = try await ca.ask()
            try await ca.approve(id)
            try ca.load { $0.replacing("grant: 2h", with: "grant: 1h") }
            let now = ca.authority.policies.current.set.digest
            #expect(try await ca.take().record?.grant == id)
            let events = try await ca.events().filter { $0.access != nil }
            #expect(events.map(\.type) == [.accessRequested, .accessApproved, .accessClaimed, .certificateIssued])
            #expect(events.map(\.policy) == [before, before, now, now])
            #expect(before != now)
        }

        private func twoOfTheBoard(_ policy: String) -> String {
            policy.replacing("{groups: [leads, admins]}}]", with: "{groups: [board]}, count: 2}]")
        }

        @Test func `a rule that wants other approvals now takes none that it has`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try ca.load(twoOfTheBoard)
            let change = RuleChange.otherApprovals(
                then: "approval by 1 of groups `admins`, `leads`", now: "approval by 2 of group `board`")
            await #expect(throws: AccessError.ruleChanged(rule: "ask", change)) { try await ca.approve(id) }
            try ca.load { $0 }
            try await ca.approve(id)
            try ca.load(twoOfTheBoard)
            let words = "it wanted approval by 1 of groups `admins`, `leads`, and wants approval by 2 of group `board`"
            #expect(try await ca.reasons() == [changed(id, words)])
        }

        /// Lea approved it, and has left where it is in use; Leo could have, Bea could now.
        @Test(arguments: [Person.lea, .leo, .bea], [true, false])
        func `whoever could say yes then or can now says no, whatever the rule wants`(
            person: Person, isInUse: Bool
        ) async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            if isInUse {
                try await ca.approve(id)
                _ = try #require(try await ca.take().record)
            }
            try ca.load(twoOfTheBoard)
            if person == .lea, isInUse { ca.people.put(.lea, into: []) }
            #expect(try await ca.authority.accessRequest(id, for: ca.caller(person)).history.request.id == id)
            _ = try await ca.authority.denyAccess(id, note: "no", by: ca.caller(person))
            #expect(try await ca.status(id) == (isInUse ? .revoked : .denied))
            #expect(try await ca.certificates(of: id).allSatisfy { $0.revokedAt != nil })
        }

        @Test func `nobody else does, and a rule that is gone changes nothing in that`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            _ = try #require(try await ca.take().record)
            try ca.load { $0.replacing("id: ask\n", with: "id: ask-anew\n") }
            for person in [Person.bo, .bea] {
                await #expect(throws: AccessError.notFound(id: id)) {
                    try await ca.authority.denyAccess(id, note: "no", by: ca.caller(person))
                }
            }
            _ = try await ca.authority.denyAccess(id, note: "no", by: ca.caller(.leo))
            #expect(try await ca.status(id) == .revoked)
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
    }
}
