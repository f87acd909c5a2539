// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

@Suite struct BreakGlassTests {
    @Test func `glass is broken at once, in so many words, and leaves a review`() async throws {
        let ca = try await TestCA.access()
        await #expect(throws: AccessError.onlyBreakGlass(rule: "glass")) { try await ca.ask("rescue") }
        #expect(try await ca.reasons("rescue") == [])
        let id = try await ca.ask("rescue", breakGlass: true)
        #expect(try await ca.take("rescue").record?.grant == id)
        #expect(try await ca.history(id).reviewDue == TestCA.start + 0.25 + 86_400)
    }

    /// In the log it stands as it was asked, so that whoever reads it, and `policy replay`, sees what was tried.
    @Test(arguments: ["shell", "quick"])
    func `where no rule has it, breaking the glass is a refusal like any other`(role: String) async throws {
        let ca = try await TestCA.access()
        ca.people.put(.ana, into: ["engineers", "duty"])
        let refusal = try #require(
            await #expect(throws: DeniedError.self) { try await ca.ask(role, breakGlass: true) })
        #expect(refusal.denial.description.contains("no rule gives you role `\(role)`"))
        #expect(refusal.denial.description.hasSuffix("as break-glass"))
        #expect(refusal.explanation.description.contains("✔ "), "\(refusal.explanation)")
        #expect(refusal.explanation.missing.isEmpty)
        let events = try await ca.events()
        #expect(events.map(\.type) == [.certificateDenied])
        let event = try #require(events.first)
        #expect(event.request?.route == "break-glass")
        #expect(event.decision?.result == .deny && event.decision?.reasons == [refusal.denial.description])

        // Under the policies that decided nothing changes, though others could approve it; under one with glass it does.
        let recorded = try #require(try RecordedQuestion(event))
        #expect(try PolicyReplay(under: TestCA.policySet(accessPolicy)).verdict(on: recorded).changes == [])
        let glass = accessPolicy.replacing("roles: [rescue]", with: "roles: [rescue, \(role)]")
        let verdict = try PolicyReplay(under: TestCA.policySet(glass)).verdict(on: recorded)
        #expect(verdict.changes == [.nowNeedsApproval])
        #expect(verdict.explanation.hasSuffix("gives it as break-glass"), "\(verdict.explanation)")
    }

    @Test func `an overdue review keeps the rule from giving anything to anyone`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask("rescue", breakGlass: true)
        _ = try await ca.take("rescue")
        ca.clock.advance(86_401)
        // It is over for long, and still on the desk of those who review.
        let desk = try await ca.authority.accessRequests(
            onlyOwn: false, onlyOpen: true, before: nil, for: ca.caller(.sec))
        #expect(desk.cases.map(\.history.request.id) == [id])
        await #expect(throws: AccessError.reviewOverdue(id: id, rule: "glass")) {
            try await ca.ask("rescue", by: .bo, breakGlass: true)
        }
        await #expect(throws: AccessError.refused(.ownReview)) { try await review(id, by: .ana, at: ca) }
        await #expect(throws: AccessError.notFound(id: id)) { try await review(id, by: .lea, at: ca) }
        try await review(id, by: .sec, at: ca)
        await #expect(throws: AccessError.refused(.nothingToReview)) { try await review(id, by: .sec, at: ca) }
        _ = try await ca.ask("rescue", by: .bo, breakGlass: true)
    }

    @Test func `those who review may end it`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask("rescue", breakGlass: true)
        _ = try await ca.take("rescue")
        _ = try await ca.authority.denyAccess(id, note: "no incident", by: ca.caller(.sec))
        #expect(try await ca.status(id) == .revoked)
        #expect(try await ca.certificates(of: id).allSatisfy { $0.revokedAt != nil })
        // It was used, so it is reviewed.
        try await review(id, by: .sec, at: ca)
    }

    @Test func `glass that was broken and not used needs no review`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask("rescue", breakGlass: true)
        ca.clock.advance(300)
        #expect(try await ca.status(id) == .lapsed)
        await #expect(throws: AccessError.refused(.nothingToReview)) { try await review(id, by: .sec, at: ca) }
    }

    private func review(_ id: String, by person: Person, at ca: TestCA) async throws {
        _ = try await ca.authority.reviewAccess(id, verdict: .fine, note: "INC-1 was real", by: ca.caller(person))
    }
}
