// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Testing

@testable import Issuance

/// What changes between decision and commit wins: nothing is released, and nothing is on record as issued.
@Suite struct ChangedMeanwhileTests {
    @Test func `a session that was ended`() async throws {
        let ca = try await TestCA()
        ca.store.disturbOnce { _ in try await ca.end(Person.ana.session) }
        await #expect(throws: AuthorityError.sessionEnded) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller(key: "k"))
        }
        #expect(try await ca.certificates().isEmpty)
        #expect(try await ca.events().map(\.type) == [.sessionEnded])
    }

    @Test func `a session that expired`() async throws {
        let ca = try await TestCA()
        ca.userSigner.disturb { ca.clock.advance(8 * 3600) }
        await #expect(throws: AuthorityError.sessionEnded) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller())
        }
        #expect(try await ca.certificates().isEmpty)
    }

    @Test func `a session that nobody knows`() async throws {
        let ca = try await TestCA()
        let caller = Caller(
            identity: Person.ana.identity, session: "f00", requestID: "1", idempotencyKey: nil, isStillKnown: { true })
        await #expect(throws: AuthorityError.sessionEnded) { try await ca.authority.issue(.ssh(), for: caller) }
        #expect(try await ca.certificates().isEmpty)
    }

    @Test func `a person who was removed`() async throws {
        let ca = try await TestCA()
        await #expect(throws: AuthorityError.personNoLongerKnown) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller(isStillKnown: { false }))
        }
        #expect(try await ca.certificates().isEmpty)
        #expect(try await ca.events().isEmpty)
    }

    @Test func `others beside the one whose session ended are served`() async throws {
        let ca = try await TestCA()
        ca.store.disturbOnce { _ in try await ca.end(Person.ana.session) }
        let people: [Person] = [.ana, .bo, .root]
        let results = await concurrently(30) { number in
            let person = people[number % people.count]
            return (person, try? await ca.authority.issue(.ssh(), for: person.caller()).record)
        }
        for result in results {
            let (person, record) = try result.get()
            #expect((record == nil) == (person == .ana))
        }
        #expect(try await ca.certificates().count == 20)
    }

    @Test func `an idempotency key is free again after a refusal`() async throws {
        let ca = try await TestCA()
        _ = try? await ca.authority.issue(.ssh(), for: Person.ana.caller(key: "k", isStillKnown: { false }))
        #expect(try await ca.authority.issue(.ssh(), for: Person.ana.caller(key: "k")).record != nil)
    }
}
