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
        await #expect(throws: overdue(id)) { try await ca.ask("rescue", by: .bo, breakGlass: true) }
        await #expect(throws: AccessError.refused(.ownReview)) { try await review(id, by: .ana, at: ca) }
        await #expect(throws: AccessError.notFound(id: id)) { try await review(id, by: .lea, at: ca) }
        try await review(id, by: .sec, at: ca)
        await #expect(throws: AccessError.refused(.nothingToReview)) { try await review(id, by: .sec, at: ca) }
        _ = try await ca.ask("rescue", by: .bo, breakGlass: true)
    }

    private func overdue(_ id: String) -> AccessError { .reviewOverdue(id: id, reviewers: "group `security`") }

    /// Three more roles by break-glass: one reviewed by security as well, one by the board alone, one by a person.
    private func manyGlasses() async throws -> TestCA {
        let ca = try await TestCA.access()
        let glass = { (role: String, by: String) in
            "  - {id: glass-\(role), who: {groups: [engineers]}, roles: [\(role)], lifetime: {max: 30m}, "
                + "approval: {review: {by: {\(by)}, within: 1d}, claim_within: 5m}}\n"
        }
        let more =
            glass("vault", "groups: [board, security]") + glass("wiki", "groups: [board]")
            + glass("shop", "users: [sec@example.com]")
        let roles = ["vault", "wiki", "shop"].map { "  \($0): {ssh: {logins: [root], zones: [web]}}\n" }.joined()
        try ca.load {
            $0.replacing("  quick: {ssh", with: roles + "  quick: {ssh").replacing(
                "  - id: quick-by", with: more + "  - id: quick-by")
        }
        return ca
    }

    @Test func `an overdue review holds up every rule of the same reviewers, and whoever broke the glass`() async throws {
        let ca = try await manyGlasses()
        let id = try await ca.ask("rescue", breakGlass: true)
        _ = try #require(try await ca.take("rescue").record)
        ca.clock.advance(86_399)
        for role in ["vault", "wiki", "shop"] { _ = try await ca.ask(role, by: .bo, breakGlass: true) }
        ca.clock.advance(301)
        for role in ["rescue", "vault"] {
            await #expect(throws: overdue(id), "\(role)") { try await ca.ask(role, by: .bo, breakGlass: true) }
        }
        for role in ["wiki", "shop"] {
            _ = try await ca.ask(role, by: .bo, breakGlass: true)
            #expect(try await ca.take(role, by: .bo).record != nil, "\(role)")
            await #expect(throws: overdue(id), "\(role)") { try await ca.ask(role, breakGlass: true) }
        }
        // What people approve has nothing to do with it.
        _ = try await ca.ask()
        try await review(id, by: .sec, at: ca)
        for role in ["rescue", "vault", "wiki", "shop"] { _ = try await ca.ask(role, breakGlass: true) }
    }

    @Test func `while a review is overdue, what is not claimed is not, and what is in use gives nothing more`() async throws {
        let ca = try await manyGlasses()
        let id = try await ca.ask("rescue", breakGlass: true)
        _ = try #require(try await ca.take("rescue").record)
        ca.clock.advance(86_400 - 60)
        let inUse = try await ca.ask("vault", by: .bo, breakGlass: true)
        _ = try #require(try await ca.take("vault", by: .bo).record)
        let unclaimed = try await ca.ask("rescue", by: .bo, breakGlass: true)
        let others = try await ca.ask("wiki", by: .bo, breakGlass: true)
        ca.clock.advance(60)
        let why = "\(overdue(id))"
        #expect(try await ca.reasons("rescue", by: .bo) == ["`\(unclaimed)`: \(why)"])
        #expect(try await ca.reasons("vault", by: .bo) == ["`\(inUse)`: \(why)"])
        #expect(try await ca.take("wiki", by: .bo).record?.grant == others)
        try await review(id, by: .sec, at: ca)
        #expect(try await ca.take("rescue", by: .bo).record?.grant == unclaimed)
        #expect(try await ca.take("vault", by: .bo).record?.grant == inUse)
    }

    /// Neither another name for the rule nor other reviewers in it lift what is overdue, and whoever was to look still can.
    @Test(arguments: [
        ("id: glass\n", "id: glass-anew\n", [Person.sec]),
        ("{by: {groups: [security]}", "{by: {groups: [board]}", [.sec, .bea]),
        ("review: {by: {groups: [security]}, within: 1d}, ", "steps: [{by: {groups: [security]}}], ", [.sec]),
    ])
    func `a review outlives its rule, and is for those whom the request names and whom its rule names now`(
        old: String, new: String, reviewers: [Person]
    ) async throws {
        for person in reviewers {
            let ca = try await TestCA.access()
            let id = try await ca.ask("rescue", breakGlass: true)
            _ = try #require(try await ca.take("rescue").record)
            try ca.load { $0.replacing(old, with: new) }
            ca.clock.advance(86_400)
            if !new.contains("steps") {
                await #expect(throws: overdue(id)) { try await ca.ask("rescue", by: .bo, breakGlass: true) }
            }
            let deciding = try await ca.authority.decidingPeople(on: [ca.authority.accessCase(id)])
            #expect(
                deciding == [
                    reviewers.contains(.bea) ? ["bea", "bob", "leo", "sec"].map { $0 + "@example.com" } : [Person.sec.name]
                ])
            try await review(id, by: person, at: ca)
            #expect(try await ca.history(id).reviewDue == nil)
        }
    }

    @Test func `those who review are told the truth of what is over, and it is on record`() async throws {
        let ca = try await TestCA.access()
        let id = try await ca.ask("rescue", breakGlass: true)
        _ = try #require(try await ca.take("rescue").record)
        ca.clock.advance(1800)
        await #expect(throws: AccessError.tooLate(.ended)) {
            try await ca.authority.denyAccess(id, note: "no incident", by: ca.caller(.sec))
        }
        let event = try #require(try await ca.events().last)
        #expect(event.type == .accessDenied && event.actor?.user == Person.sec.name)
        #expect(try await ca.history(id).late.count == 1)
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
