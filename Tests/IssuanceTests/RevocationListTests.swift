// SPDX-License-Identifier: Apache-2.0

import Foundation
import SSHCertificates
import Testing
import X509Certificates

@testable import Issuance

/// What the published lists say after what was revoked.
@Suite struct RevocationListTests {
    private let ca: TestCA
    private let publisher: RevocationPublisher

    init() async throws {
        ca = try await TestCA()
        publisher = RevocationPublisher(authority: ca.authority)
    }

    private func revoke(
        _ match: (inout RevocationMatch) -> Void, cause: RevocationCause = .unspecified, isRehearsal: Bool = false,
        by person: Person = .root
    ) async throws -> RevocationOutcome {
        var selection = RevocationMatch()
        match(&selection)
        return try await ca.authority.revoke(
            RevocationOrder(.matching(selection), cause: cause, reason: "lost", isRehearsal: isRehearsal),
            by: person.caller())
    }

    private func krl() throws -> KeyRevocationList {
        try KeyRevocationList(parsing: try #require(publisher.lists.keys).krl)
    }

    private func list() throws -> RevocationList {
        let list = try RevocationList(der: try #require(publisher.lists.certificates?.all.first).full.der)
        #expect(list.isSigned(by: ca.issuing))
        return list
    }

    @Test func `the KRL names what was revoked, is signed, and forgets it after its end`() async throws {
        let lost = try SSHCertificate(parsing: try await ca.issued(.ssh()).certificate)
        let kept = try SSHCertificate(parsing: try await ca.issued(.ssh(), to: Person.bo.caller()).certificate)
        _ = try await publisher.publish()
        let first = try #require(publisher.lists.keys)
        #expect(try !krl().revokes(lost))

        let outcome = try await revoke { $0.user = Person.ana.name }
        #expect(outcome.count == 1)
        _ = try await publisher.publish()
        let second = try #require(publisher.lists.keys)
        #expect(second.version > first.version)
        #expect(try krl().revokes(lost))
        #expect(try !krl().revokes(kept))
        let signature = try SSHSIG(armored: second.signature)
        _ = try signature.verify(
            message: second.krl, namespace: "krl@mayfly", allowedKeys: [ca.authority.users.publicKey])

        ca.clock.advance(600 + 3599)
        _ = try await publisher.publish()
        #expect(try krl().revokes(lost), "a host whose clock is behind still refuses it")
        ca.clock.advance(13 * 3600)
        _ = try await publisher.publish()
        #expect(try !krl().revokes(lost))
        #expect(try #require(publisher.lists.keys).version > second.version)
    }

    @Test func `the CRL names what was revoked with its cause, and a delta says what is new`() async throws {
        let record = try await ca.issued(.x509(dns: ["web1.example.com"]))
        _ = try await publisher.publish()
        #expect(try list().revoked.isEmpty)
        #expect(try #require(publisher.lists.certificates?.all.first).delta == nil)

        _ = try await revoke({ $0.role = record.role }, cause: .keyCompromise)
        _ = try await publisher.publish()
        let revoked = try #require(try list().revoked.first)
        #expect(revoked.serial.hexadecimal == record.serial)
        #expect(revoked.reason == .keyCompromise)
        let delta = try RevocationList(der: try #require(publisher.lists.certificates?.all.first?.delta).der)
        #expect(delta.revoked == [revoked])
        #expect(try delta.number == list().number)
    }

    @Test func `a list is made anew before it is old, with a higher number`() async throws {
        let due = try await publisher.publish()
        let first = try list()
        #expect(due > ca.clock.now)
        #expect(due < first.nextUpdate)
        ca.clock.advance(due.timeIntervalSince(ca.clock.now))
        _ = try await publisher.publish()
        #expect(try list().number > first.number)
        #expect(try list().nextUpdate > first.nextUpdate)
    }

    @Test func `what could not be signed is published at the next attempt`() async throws {
        let lost = try SSHCertificate(parsing: try await ca.issued(.ssh()).certificate)
        _ = try await publisher.publish()
        _ = try await revoke { $0.user = Person.ana.name }
        ca.userSigner.disturb { throw SignerFailure() }
        await #expect(throws: SignerFailure()) { try await publisher.publish() }
        #expect(try !krl().revokes(lost))
        ca.userSigner.disturb {}
        _ = try await publisher.publish()
        #expect(try krl().revokes(lost))
    }

    @Test func `nothing new is nothing published`() async throws {
        _ = try await publisher.publish()
        let first = publisher.lists.keys
        _ = try await ca.issued(.ssh())
        _ = try await publisher.publish()
        #expect(publisher.lists.keys == first)
    }

    @Test func `a publisher that starts later says the same`() async throws {
        let lost = try SSHCertificate(parsing: try await ca.issued(.ssh()).certificate)
        _ = try await revoke { $0.user = Person.ana.name }
        let other = RevocationPublisher(authority: ca.authority)
        _ = try await other.publish()
        #expect(try KeyRevocationList(parsing: try #require(other.lists.keys).krl).revokes(lost))
    }

    @Test func `a hold leaves the list when it is taken back, and nothing else can be taken back`() async throws {
        let record = try await ca.issued(.ssh())
        let held = try SSHCertificate(parsing: record.certificate)
        _ = try await revoke({ $0.user = Person.ana.name }, cause: .certificateHold)
        _ = try await publisher.publish()
        #expect(try krl().revokes(held))
        _ = try await ca.authority.release(serial: record.serial, kind: .ssh, reason: "found", by: Person.root.caller())
        _ = try await publisher.publish()
        #expect(try !krl().revokes(held))

        _ = try await revoke({ $0.user = Person.ana.name }, cause: .certificateHold)
        _ = try await revoke({ $0.user = Person.ana.name }, cause: .keyCompromise)
        await #expect(throws: AuthorityError.notHeld(serial: record.serial)) {
            try await ca.authority.release(serial: record.serial, kind: .ssh, reason: "found", by: Person.root.caller())
        }
    }

    @Test func `a rehearsal lists the same and changes nothing`() async throws {
        for _ in 0..<3 { _ = try await ca.issued(.ssh()) }
        let rehearsed = try await revoke({ $0.user = Person.ana.name }, isRehearsal: true)
        #expect(rehearsed.count == 3)
        #expect(try await ca.certificates().allSatisfy { $0.revokedAt == nil })
        #expect(try await revoke { $0.user = Person.ana.name }.count == 3)
    }

    @Test func `a revoked person's sessions end before their certificates`() async throws {
        let session = try await ca.openSession().session
        _ = try await ca.issued(.ssh())
        let outcome = try await revoke { $0.user = session.user }
        #expect(outcome.certificates.map(\.kind) == [.session, .ssh])
        #expect(try await ca.store.session(serial: session.serial)?.endedAt != nil)
    }

    @Test func `others' need the capability, and everything at once needs a word`() async throws {
        _ = try await ca.issued(.ssh())
        await #expect(throws: DeniedError.self) { try await revoke({ $0.user = Person.ana.name }, by: .bo) }
        await #expect(throws: DeniedError.self) { try await revoke({ $0.role = "shell" }, by: .ana) }
        await #expect(throws: AuthorityError.nothingSelected) { try await revoke { _ in } }
        #expect(try await ca.certificates().allSatisfy { $0.revokedAt == nil })
    }

    @Test func `who waits for a KRL gets the next one at once, and nothing when none comes`() async throws {
        _ = try await publisher.publish()
        let version = try #require(publisher.lists.keys).version
        #expect(await publisher.lists.keys(after: version, within: .milliseconds(20)) == nil)
        _ = try await ca.issued(.ssh())
        let lists = publisher.lists
        async let next = lists.keys(after: version, within: .seconds(60))
        _ = try await revoke { $0.user = Person.ana.name }
        _ = try await publisher.publish()
        #expect(try #require(await next).version > version)
    }
}
