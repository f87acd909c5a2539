// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import X509Certificates

@testable import Issuance

/// Certificates that say that nobody need ask whether they were revoked (RFC 9608).
@Suite struct NoRevocationTests {
    private static let policy = """
        version: 1
        roles:
          brief: {x509: {usage: [client], common_name: "{user.login}", no_rev_avail: true}}
          client: {x509: {usage: [client], common_name: "{user.login}"}}
          revoker: {capabilities: [certificates.revoke]}
        allow:
          - {id: engineers-are-brief, who: {groups: [engineers]}, roles: [brief], lifetime: {max: 15m}}
          - {id: engineers-work, who: {groups: [engineers]}, roles: [client], lifetime: {max: 1h}}
          - {id: admins-revoke, who: {groups: [admins]}, roles: [revoker]}
        """

    @Test func `the word of the policy stands in the certificate, and only in those of that role`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        let brief = try await ca.issued(.x509("brief"))
        #expect(X509Certificate.saysNoRevocation(brief.certificate))
        #expect(brief.validBefore.timeIntervalSince(brief.issuedAt) == 900)
        let asked = try await ca.issued(.x509("brief", lifetime: .seconds(3600)))
        #expect(asked.validBefore.timeIntervalSince(asked.issuedAt) == 900)
        #expect(X509Certificate.saysNoRevocation(try await ca.issued(.x509("client")).certificate) == false)
        #expect(!X509Certificate.saysNoRevocation([]) && !X509Certificate.saysNoRevocation([0x30, 0x00]))
    }

    @Test func `revoking one says that nothing enforces it`() async throws {
        let ca = try await TestCA(policy: Self.policy)
        _ = try await ca.issued(.x509("brief"))
        _ = try await ca.issued(.x509("client"))
        var match = RevocationMatch()
        match.user = Person.ana.name
        match.kind = .x509
        let outcome = try await ca.authority.revoke(
            RevocationOrder(.matching(match), reason: "lost"), by: Person.root.caller())
        #expect(outcome.count == 2)
        #expect(outcome.notEnforceable == 1)
    }
}
