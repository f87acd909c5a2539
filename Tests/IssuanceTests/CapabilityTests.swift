// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

@Suite struct CapabilityTests {
    @Test func `whoever has a capability may use it, without an event`() async throws {
        let ca = try await TestCA()
        try await ca.authority.requireCapability(.certificatesRevoke, of: Person.root.caller())
        #expect(try await ca.events().isEmpty)
    }

    @Test func `whoever lacks it is denied, on record`() async throws {
        let ca = try await TestCA()
        await #expect(throws: DeniedError.self) {
            try await ca.authority.requireCapability(.auditRead, of: Person.ana.caller())
        }
        let event = try #require(try await ca.events().last)
        #expect(event.type == .certificateDenied)
        #expect(event.decision?.result == .deny)
        #expect(event.decision?.reasons.first?.contains("audit.read") == true)
        #expect(event.actor?.session == Person.ana.session)
        #expect(event.policy == ca.authority.policies.current.set.digest)
    }

    @Test func `a denial that cannot be recorded is not told`() async throws {
        let ca = try await TestCA()
        ca.store.disturbOnce { _ in throw DiskFailure() }
        await #expect(throws: DiskFailure()) {
            try await ca.authority.requireCapability(.auditRead, of: Person.ana.caller())
        }
    }

    @Test func `asking whether one has it is no event`() async throws {
        let ca = try await TestCA()
        #expect(!ca.authority.hasCapability(.certificatesRevoke, Person.ana.caller()))
        #expect(ca.authority.hasCapability(.certificatesRevoke, Person.root.caller()))
        #expect(try await ca.events().isEmpty)
    }
}
