// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

/// Behind every refusal is the text that `policy explain` prints, and in the log what the decision rested on.
@Suite struct RefusalTests {
    private func asked(_ role: String, of ca: TestCA, by person: Person) throws -> Explanation {
        ca.authority.policies.current.set.explain(
            person.caller().identity,
            try AuthorizationRequest(role: role, what: .ssh(logins: nil, host: nil)), at: ca.clock.now)
    }

    @Test(arguments: [("shell", Person.cy), ("shell", .lea), ("shelk", .ana), ("web-host", .ana)])
    func `a refusal is explained as if it had been asked about beforehand`(role: String, person: Person) async throws {
        let ca = try await TestCA()
        let refusal = try #require(try await ca.authority.issue(.ssh(role), for: person.caller()).refusal)
        let asked = try asked(role, of: ca, by: person)
        #expect(refusal.explanation.description == asked.description)
        #expect(refusal.explanation.isRefused)
        guard case .deny(let denial)? = asked.decision else { return #expect(Bool(false), "\(asked)") }
        #expect(refusal.denial == denial)
    }

    @Test func `what needs an approval is explained as if it had been asked about beforehand, and so is what a host asks for`()
        async throws
    {
        let ca = try await TestCA.access()
        guard case .approvalNeeded(let needed) = try await ca.authority.issue(.ssh("shell"), for: Person.ana.caller()),
            case .approvalNeeded(let byHost) = try await ca.authority.issue(
                .ssh(nil, host: "web1.example.com"), for: Person.ana.caller())
        else { return #expect(Bool(false)) }
        let asked = try asked("shell", of: ca, by: .ana)
        for explanation in [needed.explanation, byHost.explanation] {
            #expect(explanation.description == asked.description)
            #expect(!explanation.isRefused && explanation.summary.contains(" after approval: "))
        }
    }

    @Test func `a deny rule that fired, and what else there is, are told with file and line`() async throws {
        let ca = try await TestCA()
        let refusal = try #require(try await ca.authority.issue(.ssh(), for: Person.cy.caller()).refusal)
        let text = refusal.explanation.description
        #expect(text.hasPrefix("refused: `contractors-keep-out` denies role `shell`\n"))
        #expect(text.contains(#/\n  ✔ test\.yaml:\d+ \(`contractors-keep-out`\) denies\n/#), "\(text)")
        #expect(text.contains(#/\n  [✔·] test\.yaml:\d+ \(`engineers-work`\) /#), "\(text)")
        #expect(text.hasSuffix("whoever may change test.yaml can change this\n"))
    }

    @Test func `the refusal of a capability names every role that has it`() async throws {
        let ca = try await TestCA()
        let refusal = try await #require(throws: DeniedError.self) {
            try await ca.authority.requireCapability(.certificatesRevoke, of: Person.ana.caller())
        }
        let explanation = refusal.explanation
        #expect(explanation.summary == "none of your roles has capability `certificates.revoke`")
        #expect(explanation.steps.map(\.role) == ["revoker"])
        #expect(explanation.steps.map(\.rule.id) == ["admins-revoke"])
        #expect(explanation.description.contains("does not apply: you are not in group `admins`"))
    }

    @Test func `where no role reaches a host, those are explained that could`() async throws {
        let ca = try await TestCA()
        let lea = try #require(
            try await ca.authority.issue(.ssh(nil, host: "web1.example.com"), for: Person.lea.caller()).refusal)
        #expect(lea.explanation.summary == "none of your roles reaches host `web1.example.com`")
        #expect(lea.explanation.steps.map(\.role).contains("shell"))
        let nowhere = try #require(
            try await ca.authority.issue(.ssh(nil, host: "mail.example.com"), for: Person.ana.caller()).refusal)
        #expect(nowhere.explanation.steps.isEmpty && nowhere.explanation.remedy.hasSuffix(" the policies can change this"))
    }

    @Test func `a preview and a request for access are refused with the same text`() async throws {
        let ca = try await TestCA()
        let text = try asked("shell", of: ca, by: .cy).description
        guard case .denied(let preview) = try ca.authority.preview(.ssh(), for: Person.cy.caller()) else {
            return #expect(Bool(false), "allowed")
        }
        #expect(preview.explanation.description == text)
        let refusal = try await #require(throws: DeniedError.self) {
            try await ca.authority.requestAccess(
                AccessQuestion(role: "shell", subject: .ssh(logins: nil, host: nil), duration: nil, reason: nil, ticket: nil),
                for: Person.cy.caller())
        }
        #expect(refusal.explanation.description == text)
    }

    /// A thousand rules that do not apply are a thousand reasons; neither log nor reply grows with them.
    @Test func `of very many rules the first are kept and told, and how many more there are`() async throws {
        let rules = (0..<1000).map {
            "  - {id: r\($0), who: {groups: [g\($0)]}, roles: [crowd], lifetime: {max: 1h}}\n"
        }
        let policy = TestCA.policy.replacing("roles:\n  shell:", with: "roles:\n  crowd: {ssh: {principals: [x]}}\n  shell:")
            .replacing("allow:\n", with: "allow:\n" + rules.joined())
        let ca = try await TestCA(policy: policy)
        let refusal = try #require(try await ca.authority.issue(.ssh("crowd"), for: Person.ana.caller()).refusal)
        #expect(refusal.explanation.steps.count == 1000 && refusal.explanation.listed.count == 100)
        #expect(refusal.explanation.description.contains("  · and 900 more rules\n"))
        let reasons = try #require(try await ca.events().last?.decision?.reasons)
        #expect(reasons.count == 21 && reasons.last == "980 more rules do not apply")
    }
}
