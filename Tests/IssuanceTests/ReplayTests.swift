// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

/// What is on record is decided again under other policies.
@Suite struct ReplayTests {
    /// One of each: issued, refused, needing approval, a capability refused, a role chosen by the policy.
    private func day() async throws -> (events: [AuditEvent], ca: TestCA) {
        let ca = try await TestCA(policy: Self.policy)
        _ = try await ca.issued(.ssh("shell", lifetime: .seconds(1800)))
        _ = try await ca.issued(.ssh(nil, host: "web1.example.com"))
        _ = try await ca.issued(.x509("client"))
        guard case .approvalNeeded = try await ca.authority.issue(.ssh("root"), for: Person.ana.caller()) else {
            throw Unexpected()
        }
        guard case .denied = try await ca.authority.issue(.ssh("shell"), for: Person.bo.caller()) else {
            throw Unexpected()
        }
        await #expect(throws: DeniedError.self) {
            try await ca.authority.requireCapability(.auditRead, of: Person.bo.caller())
        }
        return (try await ca.events(), ca)
    }

    private struct Unexpected: Error {}

    private static let policy = """
        version: 1
        zones:
          web: {hosts: ["web*.example.com"]}
        roles:
          shell: {ssh: {logins: [deploy], zones: [web]}}
          root: {ssh: {logins: [root], zones: [web]}}
          client: {x509: {usage: [client], common_name: "{user.login}"}}
          auditor: {capabilities: [audit.read]}
        allow:
          - id: ana-works
            who: {users: [ana@example.com]}
            roles: [shell, client]
            lifetime: {default: 15m, max: 8h}
          - id: ana-asks
            who: {users: [ana@example.com]}
            roles: [root]
            lifetime: {max: 1h}
            approval: {steps: [{by: {groups: [leads]}}]}
          - id: ana-audits
            who: {users: [ana@example.com]}
            roles: [auditor]
        """

    @Test func `what was issued under a grant had its approval`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask(host: "web1.example.com", logins: ["deploy"])
        try await ca.approve(id)
        #expect(try await ca.take().record != nil)
        let events = try await ca.events()
        #expect(try changes(events, under: accessPolicy) == [[]])
        let without = accessPolicy.replacing("roles: [shell, client]", with: "roles: [client]")
        #expect(try changes(events, under: without) == [[.nowRefused]])
    }

    private func changes(_ events: [AuditEvent], under policy: String) throws -> [[PolicyReplay.Change]] {
        let replay = PolicyReplay(under: try TestCA.policySet(policy))
        return try events.compactMap { try RecordedQuestion($0) }.map { replay.verdict(on: $0).changes }
    }

    @Test func `under the policies that decided, nothing changes`() async throws {
        let (events, _) = try await day()
        #expect(try changes(events, under: Self.policy) == [[], [], [], [], [], []])
    }

    static let edits: [(String, String, [[PolicyReplay.Change]])] = [
        ("max: 8h", "max: 20m", [[.shorter], [], [], [], [], []]),
        ("default: 15m", "default: 1h", [[], [.longer], [.longer], [], [], []]),
        ("roles: [shell, client]", "roles: [shell]", [[], [], [.nowRefused], [], [], []]),
        (
            "users: [ana@example.com]}\n    roles: [shell", "everyone: true}\n    roles: [shell",
            [[], [], [], [], [.nowAllowed], []]
        ),
        ("    approval: {steps: [{by: {groups: [leads]}}]}\n", "", [[], [], [], [.nowAllowed], [], []]),
        ("logins: [deploy]", "logins: [deploy, www]", [[.otherNames], [.otherNames], [], [], [], []]),
        ("hosts: [\"web*.example.com\"]", "hosts: [\"db*.example.com\"]", [[], [.nowRefused], [], [], [], []]),
        (
            "who: {users: [ana@example.com]}\n    roles: [auditor]", "who: {everyone: true}\n    roles: [auditor]",
            [[], [], [], [], [], [.nowAllowed]]
        ),
    ]

    @Test(arguments: edits)
    func `each edit changes exactly what it should`(old: String, new: String, expected: [[PolicyReplay.Change]]) async throws {
        let (events, _) = try await day()
        let edited = Self.policy.replacing(old, with: new)
        #expect(edited != Self.policy)
        #expect(try changes(events, under: edited) == expected)
    }

    @Test func `an approval that is new to a rule is said`() async throws {
        let (events, _) = try await day()
        let edited = Self.policy.replacing(
            "lifetime: {default: 15m, max: 8h}",
            with: "lifetime: {default: 15m, max: 8h}\n    approval: {steps: [{by: {groups: [leads]}}]}")
        #expect(
            try changes(events, under: edited)
                == [[.nowNeedsApproval], [.nowNeedsApproval], [.nowNeedsApproval], [], [], []])
    }

    @Test func `an event that was written in the second after the decision changes nothing`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        ca.userSigner.disturb { ca.clock.advance(1.5) }
        _ = try await ca.issued(.ssh("shell"))
        let event = try #require(try await ca.events().last)
        #expect(event.time.date > TestCA.start + 1)
        #expect(try changes([event], under: Self.policy) == [[]])
        #expect(try RecordedQuestion(event)?.instant == TestCA.start)
    }

    @Test func `events that are no decision are passed over`() async throws {
        let event = AuditEvent(time: AuditTime(TestCA.start), type: .sessionEnded)
        #expect(try RecordedQuestion(event) == nil)
    }

    @Test func `a decision that lacks what it was made from says so`() async throws {
        let actor = AuditEvent.Actor(provider: "local", user: "ana@example.com")
        var otherWay = AuditEvent.Request(role: "shell", kind: .ssh)
        otherWay.route = "by-air"
        for request in [
            AuditEvent.Request(role: "shell"), .init(role: "shell", kind: .sshHost), .init(capability: "fly"), otherWay,
        ] {
            let event = AuditEvent(
                time: AuditTime(TestCA.start), type: .certificateDenied, actor: actor, request: request,
                decision: .init(result: .deny))
            #expect(throws: RecordedQuestionError.self) { try RecordedQuestion(event) }
        }
    }
}
