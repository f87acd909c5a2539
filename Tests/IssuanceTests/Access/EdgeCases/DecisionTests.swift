// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

extension EdgeCaseTests {
    @Suite("somebody decides twice, or about their own") struct Decisions {
        @Test func `nobody decides about their own request, not even an administrator`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask(by: .root)
            await #expect(throws: AccessError.refused(.ownRequest)) { try await ca.approve(id, by: .root) }
            await #expect(throws: AccessError.refused(.ownRequest)) {
                try await ca.authority.denyAccess(id, note: "no", by: ca.caller(.root))
            }
            #expect(try await ca.status(id) == .pending)
        }

        @Test func `who is in both groups has one seat`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask("db")
            await #expect(throws: AccessError.refused(.notYourTurn(waitingFor: "1 of group `leads`"))) {
                try await ca.approve(id, by: .bea)
            }
            #expect(try await ca.approve(id, by: .leo) == .pending)
            await #expect(throws: AccessError.refused(.alreadyDecided)) { try await ca.approve(id, by: .leo) }
            #expect(try await ca.approve(id, by: .bea) == .pending)
            #expect(try await ca.approve(id, by: .bob) == .approved)
        }

        @Test func `of many who approve at once, as many count as are needed`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            let people: [Person] = [.lea, .leo, .root]
            let results = await concurrently(9) { try await ca.approve(id, by: people[$0 % 3]) }
            #expect(results.count { (try? $0.get()) != nil } == 1)
            #expect(try await ca.history(id).approvals.count == 1)
            #expect(try await ca.events().count { $0.type == .accessApproved } == 1)
        }

        @Test func `a denial ends it before the quorum`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask("db")
            try await ca.approve(id)
            _ = try await ca.authority.denyAccess(id, note: "not today", by: ca.caller(.bea))
            #expect(try await ca.status(id) == .denied)
            await #expect(throws: AccessError.tooLate(.denied)) { try await ca.approve(id, by: .leo) }
            #expect(try await ca.reasons("db") == [])
        }

        @Test func `a request is withdrawn by whoever asked, and not once it is in use`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            await #expect(throws: AccessError.refused(.notTheRequester)) {
                try await ca.authority.cancelAccess(id, by: ca.caller(.lea))
            }
            _ = try await ca.authority.cancelAccess(id, by: ca.caller(.ana))
            #expect(try await ca.status(id) == .cancelled)
            let other = try await ca.ask()
            try await ca.approve(other)
            _ = try await ca.take()
            await #expect(throws: AccessError.refused(.notWithdrawable(.active))) {
                try await ca.authority.cancelAccess(other, by: ca.caller(.ana))
            }
        }

        @Test func `what is asked is seen by whoever asked and whoever decides`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask()
            for person in [Person.ana, .lea, .leo, .root, .sec] {
                #expect(try await ca.authority.accessRequest(id, for: ca.caller(person)).history.request.id == id)
            }
            for person in [Person.bo, .cy, .bea] {
                await #expect(throws: AccessError.notFound(id: id)) {
                    try await ca.authority.accessRequest(id, for: ca.caller(person))
                }
                let list = try await ca.authority.accessRequests(
                    onlyOwn: false, onlyOpen: true, before: nil, for: ca.caller(person))
                #expect(list.cases.isEmpty)
            }
            await #expect(throws: AccessError.notFound(id: "x'; --")) {
                try await ca.authority.accessRequest("x'; --", for: ca.caller(.sec))
            }
            #expect(
                try await ca.authority.decidingPeople(on: [ca.authority.accessCase(id)])
                    == [["lea@example.com", "leo@example.com", "root@example.com"]])
        }

        @Test func `who could decide are those whose approval would count now`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask("db")
            func deciding() async throws -> [String] {
                try await ca.authority.decidingPeople(on: [ca.authority.accessCase(id)])[0]
            }
            func names(_ people: Person...) -> [String] { people.map(\.name) }
            // A lead, then two of the board.
            #expect(try await deciding() == names(.lea, .leo))
            // Leo is of both, and can sit on the board once another lead is there.
            try await ca.approve(id, by: .leo)
            #expect(try await deciding() == names(.bea, .bob, .lea))
            try await ca.approve(id, by: .bea)
            #expect(try await deciding() == names(.bob, .lea))
            try await ca.approve(id, by: .lea)
            #expect(try await ca.status(id) == .approved)
            #expect(try await deciding() == [])
            let other = try await ca.ask("db")
            try await ca.approve(other, by: .lea)
            // Who is only a lead has nothing more to say.
            #expect(
                try await ca.authority.decidingPeople(on: [ca.authority.accessCase(other)])
                    == [names(.bea, .bob, .leo)])
        }

        @Test func `who looks at what was taken as break-glass is known before it is used`() async throws {
            let ca = try await TestCA.access()
            let id = try await ca.ask("rescue", breakGlass: true)
            func deciding() async throws -> [String] {
                try await ca.authority.decidingPeople(on: [ca.authority.accessCase(id)])[0]
            }
            #expect(try await deciding() == [Person.sec.name])
            _ = try await ca.take("rescue")
            #expect(try await deciding() == [Person.sec.name])
            _ = try await ca.authority.reviewAccess(id, verdict: .fine, note: "it burned", by: ca.caller(.sec))
            #expect(try await deciding() == [])
        }
    }
}
