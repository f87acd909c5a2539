// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Crypto
import Foundation
import Policies
import Testing
import X509Certificates

@testable import Issuance

/// What the service CA signs.
@Suite struct SessionTests {
    @Test func `a session is on record with its certificate and its event`() async throws {
        let ca = try await TestCA()
        let opened = try await ca.openSession()
        #expect(try await ca.store.session(serial: opened.session.serial) == opened.session)
        let record = try #require(try await ca.certificates().first)
        #expect(record.kind == .session)
        #expect(PEM.certificate(record.certificate) == opened.certificate)
        #expect(Array(SHA256.hash(data: record.certificate)) == opened.session.certificateDigest)
        let event = try #require(try await ca.events().last)
        #expect(event.type == .loginAllowed)
        #expect(event.actor?.session == opened.session.serial)
        #expect(event.policy == ca.authority.policies.current.set.digest)
    }

    @Test func `its certificate names the person`() async throws {
        let ca = try await TestCA()
        _ = try await ca.openSession()
        let record = try #require(try await ca.certificates().first)
        #expect(PresentedCertificate(der: record.certificate)?.commonName == Person.ana.name)
        #expect(PresentedCertificate(der: record.certificate)?.serial.hexadecimal == record.serial)
    }

    @Test func `a challenge opens one session`() async throws {
        let ca = try await TestCA()
        _ = try await ca.openSession(nonce: "n")
        await #expect(throws: CommitRefusal.challengeAlreadyUsed) { try await ca.openSession(nonce: "n") }
        #expect(try await ca.certificates().count == 1)
    }

    @Test func `a challenge used many times at once opens one session`() async throws {
        let ca = try await TestCA()
        let results = await concurrently(20) { _ in try await ca.openSession(nonce: "n") }
        #expect(results.count { if case .success = $0 { true } else { false } } == 1)
        #expect(try await ca.certificates().count == 1)
    }

    @Test func `somebody removed meanwhile gets no session`() async throws {
        let ca = try await TestCA()
        await #expect(throws: AuthorityError.personNoLongerKnown) { try await ca.openSession(isStillKnown: { false }) }
        #expect(try await ca.certificates().isEmpty)
    }

    @Test func `a refused login leaves its challenge unused`() async throws {
        let ca = try await TestCA()
        _ = try? await ca.openSession(nonce: "n", isStillKnown: { false })
        #expect(try await ca.openSession(nonce: "n").session.user == Person.ana.name)
    }

    @Test func `a login that cannot be recorded opens no session`() async throws {
        let ca = try await TestCA()
        ca.store.disturbOnce { _ in throw DiskFailure() }
        await #expect(throws: DiskFailure()) { try await ca.openSession() }
        #expect(try await ca.certificates().isEmpty)
    }

    @Test func `a session that was ended is over`() async throws {
        let ca = try await TestCA()
        try await ca.authority.endSession(of: Person.ana.caller())
        #expect(try await ca.store.session(serial: Person.ana.session)?.endedAt == TestCA.start)
        #expect(try await ca.events().map(\.type) == [.sessionEnded])
        await #expect(throws: AuthorityError.sessionEnded) {
            try await ca.authority.issue(.ssh(), for: Person.ana.caller())
        }
    }

    @Test func `a session ends once`() async throws {
        let ca = try await TestCA()
        try await ca.authority.endSession(of: Person.ana.caller())
        await #expect(throws: AuthorityError.sessionEnded) { try await ca.authority.endSession(of: Person.ana.caller()) }
    }

    @Test func `a repeated call opens no second session, and is answered while the first is open`() async throws {
        let ca = try await TestCA()
        let key = IdempotencyKey(key: "a", requestDigest: [1])
        let first = try await ca.openSession(idempotencyKey: key)
        let again = try await ca.openSession(idempotencyKey: key)
        #expect(again.certificate == first.certificate && again.session == first.session)
        await #expect(throws: AuthorityError.idempotencyKeyReused) {
            try await ca.openSession(idempotencyKey: IdempotencyKey(key: "a", requestDigest: [2]))
        }
        for other in [IdempotencyKey(key: "b", requestDigest: [1]), nil] {
            await #expect(throws: CommitRefusal.challengeAlreadyUsed) { try await ca.openSession(idempotencyKey: other) }
        }
        // Of another challenge it is another key.
        let other = try await ca.openSession(nonce: "m", idempotencyKey: key)
        #expect(other.session.serial != first.session.serial)
        let replies = await concurrently(20) { _ in try await ca.openSession(nonce: "at once", idempotencyKey: key) }
        #expect(Set(try replies.map { try $0.get().certificate }).count == 1)
        #expect(try await ca.certificates().count == 3)

        try await ca.end(first.session.serial)
        await #expect(throws: AuthorityError.replyNoLongerValid(serial: first.session.serial)) {
            try await ca.openSession(idempotencyKey: key)
        }
    }

    @Test func `one session's end leaves the others`() async throws {
        let ca = try await TestCA()
        try await ca.authority.endSession(of: Person.ana.caller())
        #expect(try await ca.authority.issue(.ssh(), for: Person.bo.caller()).record != nil)
    }

    @Test func `the server's own certificate is for servers, under the service CA`() async throws {
        let ca = try await TestCA()
        let issued = try await ca.authority.serverCertificate(
            names: SubjectNames(hosts: ["ca.example.com", "127.0.0.1"]), publicKey: signingRequest().publicKey,
            lifetime: .seconds(86_400))
        #expect(issued.record.names == ["DNS:ca.example.com", "IP:127.0.0.1"])
        try await CertificateChain.verify(
            issued.record.certificate, issuers: [], root: ca.service.der, usage: .server, at: ca.clock.now)
        await #expect(throws: CertificateChainError.self) {
            try await CertificateChain.verify(
                issued.record.certificate, issuers: [], root: ca.service.der, usage: .client, at: ca.clock.now)
        }
        #expect(try await ca.certificates().map(\.kind) == [.server])
    }
}

extension TestCA {
    /// A login of ana's whose challenge was answered.
    func openSession(
        nonce: String = "n", login: ProviderSession? = nil, idempotencyKey: IdempotencyKey? = nil,
        isStillKnown: @escaping @Sendable () -> Bool = { true }
    ) async throws -> (session: SessionRecord, certificate: String) {
        try await authority.openSession(
            for: Person.ana.identity, login: login, csr: signingRequest(),
            consuming: UsedChallenge(nonce: nonce, expires: Self.start + 120), requestID: "request-1",
            idempotencyKey: idempotencyKey, isStillKnown: isStillKnown)
    }
}
