// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import Testing

@testable import Issuance

@Suite struct RevocationTests {
    private func revoke(
        _ serial: String, _ kind: CertificateRecord.Kind? = .ssh, by person: Person, at ca: TestCA, reason: String = "lost"
    ) async throws -> CertificateRecord {
        let outcome = try await ca.authority.revoke(
            RevocationOrder(.serial(serial, kind: kind), reason: reason), by: person.caller())
        return try #require(outcome.certificates.first)
    }

    @Test func `everybody may revoke their own`() async throws {
        let ca = try await TestCA()
        let serial = try await ca.issued(.ssh()).serial
        let revoked = try await revoke(serial, by: .ana, at: ca, reason: "laptop lost")
        #expect(revoked.revokedAt == TestCA.start)
        #expect(try await ca.certificates().first == revoked)
        let event = try #require(try await ca.events().last)
        #expect(event.type == .certificateRevoked)
        #expect(event.certificate?.serial == serial)
        #expect(event.request?.reason == "laptop lost")
        #expect(event.actor?.user == Person.ana.name)
    }

    @Test func `another's is denied without the capability, and the denial is on record`() async throws {
        let ca = try await TestCA()
        let serial = try await ca.issued(.ssh()).serial
        await #expect(throws: DeniedError.self) { try await revoke(serial, by: .bo, at: ca) }
        #expect(try await ca.certificates().first?.revokedAt == nil)
        let event = try #require(try await ca.events().last)
        #expect(event.type == .certificateDenied)
        #expect(event.actor?.user == Person.bo.name)
        #expect(event.decision?.reasons.contains { $0.contains("certificates.revoke") } == true)
    }

    @Test func `whoever may not look is not told which serials there are`() async throws {
        let ca = try await TestCA()
        await #expect(throws: DeniedError.self) { try await revoke("4711", by: .bo, at: ca) }
    }

    @Test func `another's is revoked with the capability`() async throws {
        let ca = try await TestCA()
        let serial = try await ca.issued(.ssh()).serial
        #expect(try await revoke(serial, by: .root, at: ca).user == Person.ana.name)
        #expect(try await ca.certificates().first?.revokedAt != nil)
    }

    @Test func `a serial that nobody has is not found`() async throws {
        let ca = try await TestCA()
        await #expect(throws: AuthorityError.certificateNotFound(serial: "4711")) {
            try await revoke("4711", by: .root, at: ca)
        }
    }

    @Test func `a certificate is revoked once`() async throws {
        let ca = try await TestCA()
        let serial = try await ca.issued(.ssh()).serial
        _ = try await revoke(serial, by: .ana, at: ca)
        await #expect(throws: AuthorityError.alreadyRevoked(serial: serial)) { try await revoke(serial, by: .ana, at: ca) }
    }

    @Test func `of many who revoke at once, one does`() async throws {
        let ca = try await TestCA()
        let serial = try await ca.issued(.ssh()).serial
        let results = await concurrently(20) { _ in
            try await revoke(serial, by: .ana, at: ca)
        }
        #expect(results.count { if case .success = $0 { true } else { false } } == 1)
        let failures = results.compactMap { if case .failure(let error) = $0 { error as? AuthorityError } else { nil } }
        #expect(failures == Array(repeating: .alreadyRevoked(serial: serial), count: 19))
        #expect(try await ca.events().count { $0.type == .certificateRevoked } == 1)
    }

    @Test func `what has expired is not revoked`() async throws {
        let ca = try await TestCA()
        let serial = try await ca.issued(.ssh()).serial
        ca.clock.advance(600)
        await #expect(throws: AuthorityError.alreadyExpired(serial: serial)) { try await revoke(serial, by: .ana, at: ca) }
    }

    @Test func `a serial of two kinds is ambiguous for whoever may revoke both`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        _ = try await ca.issued(.sshHost(), to: Person.bo.caller())
        await #expect(throws: AuthorityError.serialIsAmbiguous(kinds: ["ssh-host", "ssh"])) {
            try await revoke("1", nil, by: .root, at: ca)
        }
        #expect(try await revoke("1", .sshHost, by: .root, at: ca).user == Person.bo.name)
    }

    @Test func `a serial of two kinds means the own one for whoever may revoke no other`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        _ = try await ca.issued(.sshHost(), to: Person.bo.caller())
        #expect(try await revoke("1", nil, by: .ana, at: ca).kind == .ssh)
    }

    @Test func `a serial of two kinds that are both one's own is ambiguous`() async throws {
        let ca = try await TestCA()
        _ = try await ca.issued(.ssh())
        _ = try await ca.issued(.sshHost())
        await #expect(throws: AuthorityError.serialIsAmbiguous(kinds: ["ssh-host", "ssh"])) {
            try await revoke("1", nil, by: .ana, at: ca)
        }
    }

    @Test func `a reason is one line`() async throws {
        let ca = try await TestCA()
        let serial = try await ca.issued(.ssh()).serial
        await #expect(throws: RequestError.reasonNotPlain) {
            try await revoke(serial, by: .ana, at: ca, reason: "two\nlines")
        }
    }

    @Test func `a session that has ended revokes nothing`() async throws {
        let ca = try await TestCA()
        let serial = try await ca.issued(.ssh()).serial
        try await ca.end(Person.ana.session)
        await #expect(throws: AuthorityError.sessionEnded) { try await revoke(serial, by: .ana, at: ca) }
        #expect(try await ca.certificates().first?.revokedAt == nil)
    }

    @Test func `a revoked session ends at once`() async throws {
        let ca = try await TestCA()
        let session = try await ca.openSession().session
        _ = try await revoke(session.serial, .session, by: .ana, at: ca)
        #expect(try await ca.store.session(serial: session.serial)?.endedAt == TestCA.start)
        let caller = Caller(
            identity: Person.ana.identity, session: session.serial, requestID: "1", idempotencyKey: nil,
            isStillKnown: { true })
        await #expect(throws: AuthorityError.sessionEnded) { try await ca.authority.issue(.ssh(), for: caller) }
    }

    @Test func `a revocation that cannot be recorded is not reported`() async throws {
        let ca = try await TestCA()
        let serial = try await ca.issued(.ssh()).serial
        ca.store.disturbOnce { _ in throw DiskFailure() }
        await #expect(throws: DiskFailure()) { try await revoke(serial, by: .ana, at: ca) }
        #expect(try await ca.certificates().first?.revokedAt == nil)
    }
}
