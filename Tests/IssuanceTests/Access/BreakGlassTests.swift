// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import Foundation
import Testing

@testable import Issuance

@Suite struct BreakGlassTests {
    @Test func `glass is broken at once, in so many words, and leaves a review`() async throws {
        let ca = try await TestCA.access()
        await #expect(throws: AccessError.onlyBreakGlass(rule: "glass")) { try await ca.ask("rescue") }
        await #expect(throws: AccessError.noBreakGlass(role: "shell")) { try await ca.ask("shell", breakGlass: true) }
        #expect(try await ca.reasons("rescue") == [])
        let id = try await ca.ask("rescue", breakGlass: true)
        #expect(try await ca.take("rescue").record?.grant == id)
        #expect(try await ca.history(id).reviewDue == TestCA.start + 0.25 + 86_400)
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
