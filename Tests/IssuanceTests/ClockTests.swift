// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Issuance

/// The server's clock is what ends certificates, so it must not run backwards unnoticed.
@Suite struct ClockTests {
    @Test func `a clock that jumped back issues nothing`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-61)
        await #expect(throws: AuthorityError.clockWentBack(lastEvent: TestCA.start + 0.25)) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller())
        }
        #expect(try await ca.certificates().count == 1)
    }

    @Test func `a clock that jumped back records no denial, so none is told`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-61)
        await #expect(throws: AuthorityError.clockWentBack(lastEvent: TestCA.start + 0.25)) {
            try await ca.authority.issue(.ssh(), for: Person.cy.caller())
        }
    }

    @Test func `a small step back is tolerated, and does not add up`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-40)
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-40)
        await #expect(throws: AuthorityError.clockWentBack(lastEvent: TestCA.start + 0.25)) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller())
        }
    }

    @Test func `a clock that was put right issues again`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        ca.clock.advance(-3600)
        _ = try? await ca.authority.issue(.ssh(), for: Person.ana.caller())
        ca.clock.advance(3600)
        #expect(try await ca.authority.issue(.ssh(), for: Person.ana.caller()).record != nil)
    }
}
