// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import SSHCertificates
import Testing
import X509Certificates

@testable import Issuance

/// The steps of the cycle, in their order.
@Suite struct IssuanceCycleTests {
    @Test func `what cannot be asked reaches neither policy nor log`() async throws {
        let ca = try await TestCA()
        await #expect(throws: RequestError.lifetimeNotPositive) {
            try await ca.authority.issue(.ssh(lifetime: .zero), for: Person.ana.caller())
        }
        #expect(try await ca.events().isEmpty)
    }

    @Test func `a certificate and everything about it name the policies that decided, whatever went live meanwhile`()
        async throws
    {
        let ca = try await TestCA()
        let deciding = ca.authority.policies.current.set.digest
        let next = try TestCA.policySet(TestCA.policy + "# changed\n")
        ca.userSigner.disturb { ca.authority.policies.replace(with: next, from: nil, at: TestCA.start) }
        let record = try await ca.issued(.ssh())
        #expect(record.policy == deciding)
        #expect(try await ca.events().last?.policy == deciding)
        #expect(ca.authority.policies.current.set.digest == next.digest)
    }

    @Test func `a denial names the rule, and nothing is issued`() async throws {
        let ca = try await TestCA()
        let denial = try #require(try await ca.authority.issue(.ssh(), for: Person.cy.caller()).denial)
        #expect(denial.denyRules.map(\.id) == ["contractors-keep-out"])
        #expect(try await ca.certificates().isEmpty)
    }

    @Test func `a denial is on record before the caller hears of it`() async throws {
        let ca = try await TestCA()
        ca.store.disturb { _ in throw DiskFailure() }
        await #expect(throws: DiskFailure()) { try await ca.authority.issue(.ssh(), for: Person.cy.caller()) }
        ca.store.calm()
        _ = try await ca.authority.issue(.ssh(), for: Person.cy.caller())
        let event = try #require(try await ca.events().last)
        #expect(event.type == .certificateDenied)
        #expect(event.decision?.result == .deny)
        #expect(event.decision?.rule == "contractors-keep-out")
        #expect(event.decision?.reasons.isEmpty == false)
    }

    @Test func `a denied request takes no serial`() async throws {
        let ca = try await TestCA()
        _ = try await ca.authority.issue(.ssh(), for: Person.cy.caller())
        #expect(try await ca.issued(.ssh()).serial == "1")
    }

    @Test func `a role that nobody has is denied`() async throws {
        let ca = try await TestCA()
        let denial = try #require(try await ca.authority.issue(.ssh("shelk"), for: Person.ana.caller()).denial)
        #expect(denial.description.contains("did you mean `shell`?"))
    }

    @Test func `a role that gives another kind of certificate is denied`() async throws {
        let ca = try await TestCA()
        #expect(try await ca.authority.issue(.x509("shell"), for: Person.ana.caller()).denial != nil)
    }

    @Test func `without a role the one that reaches the host is taken`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.ssh(nil, host: "web1.example.com"))
        #expect(record.role == "shell")
        #expect(try await ca.events().last?.request?.role == "shell")
    }

    @Test func `without a role, where several reach the host, the caller must choose`() async throws {
        let ca = try await TestCA()
        await #expect(throws: AuthorityError.roleNeeded(candidates: ["backup", "dump"])) {
            try await ca.authority.issue(.ssh(nil, host: "db1.example.com"), for: Person.ana.caller())
        }
    }

    @Test func `without a role, a host that nobody reaches is denied on record`() async throws {
        let ca = try await TestCA()
        #expect(try await ca.authority.issue(.ssh(nil, host: "mail.example.com"), for: Person.ana.caller()).denial != nil)
        #expect(try await ca.events().map(\.type) == [.certificateDenied])
    }

    @Test func `without a role and a host the caller must name a role`() async throws {
        let ca = try await TestCA()
        await #expect(throws: AuthorityError.roleNeeded(candidates: [])) {
            try await ca.authority.issue(.ssh(nil), for: Person.ana.caller())
        }
    }

    @Test func `what cannot be built leaves nothing`() async throws {
        let ca = try await TestCA()
        var identity = Person.ana.identity
        identity.user = String(repeating: "a", count: 256)
        let caller = Caller(
            identity: identity, session: Person.ana.session, requestID: "1", idempotencyKey: nil, isStillKnown: { true })
        await #expect(throws: SSHCertificateError.invalidKeyID) { try await ca.authority.issue(.ssh(), for: caller) }
        #expect(try await ca.certificates().isEmpty)
        #expect(try await ca.events().isEmpty)
    }

    @Test func `what names another CA than the one that signs is refused before it is signed`() async throws {
        let ca = try await TestCA()
        let contents = try SSHCertificateContents(
            nonce: randomBytes(SSHCertificateContents.nonceBytes), publicKey: .new(), serial: 1, kind: .user, keyID: "a",
            principals: SSHPrincipals(["a"]), validity: SSHValidity(validAfter: 1, validBefore: 2),
            signatureKey: ca.authority.hosts.publicKey)
        ca.userSigner.disturb { Issue.record("the CA key was used") }
        await #expect(throws: AuthorityError.self) {
            try await ApprovedIssuance(contents, by: ca.authority.users).sign()
        }
    }

    @Test func `a key that cannot sign leaves nothing`() async throws {
        let ca = try await TestCA()
        ca.userSigner.disturb { throw SignerFailure() }
        await #expect(throws: SignerFailure()) { try await ca.authority.issue(.ssh(), for: Person.ana.caller()) }
        #expect(try await ca.certificates().isEmpty)
        #expect(try await ca.events().isEmpty)
    }

    @Test func `what was issued is on record with its event`() async throws {
        let ca = try await TestCA()
        var record = try await ca.issued(.ssh(reason: "INC-1"))
        let stored = try #require(try await ca.certificates().first)
        record.number = stored.number
        #expect(stored == record)
        let event = try #require(try await ca.events().last)
        #expect(event.type == .certificateIssued)
        #expect(event.certificate?.serial == record.serial)
        #expect(event.certificate?.issuer == record.issuer)
        #expect(event.decision?.rule == record.rule)
    }

    @Test func `a CA certificate of another key is refused at the start`() async throws {
        let ca = try await TestCA()
        let other = try TestKeys.shared.get().root
        #expect(throws: AuthorityError.keyMismatch(certificate: "Test Issuing")) {
            try X509Authority(certificate: ca.issuing, signer: other)
        }
    }
}
