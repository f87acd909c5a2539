// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

extension EdgeCaseTests {
    @Suite("the policy changes between approval and certificate") struct PolicyChanges {
        @Test func `a role that grew since it was approved gives nothing`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            let changed = [
                "`\(id)`: rule `ask` is not what it was when this was asked: it wants other approvals, or gives more"
            ]
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

        @Test func `where nothing is left of what was approved it says so, and lapses`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            try await ca.approve(id)
            try ca.load { $0.replacing("logins: [deploy, root]", with: "logins: [www]") }
            let changed = [
                "`\(id)`: rule `ask` is not what it was when this was asked: it wants other approvals, or gives more"
            ]
            #expect(try await ca.reasons() == changed)
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
    }
}
