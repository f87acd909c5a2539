// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import ServiceAPI
import Storage
import Testing
import X509Certificates

@testable import Issuance

/// A machine renews with the certificate it has, as long as nothing of its enrolment is revoked and the policy still wants it.
@Suite struct MachineRenewalTests {
    private func authority() async throws -> TestCA { try await TestCA(policy: TestCA.machinePolicy) }

    private func enrolled(
        _ ca: TestCA, _ machine: TestMachine, _ names: [String] = ["web*.example.com"]
    ) async throws -> CertificateRecord {
        try await ca.enrolled(machine.enrolment(try await ca.machineToken(names: names)))
    }

    private func revoke(_ ca: TestCA, _ record: CertificateRecord, cause: RevocationCause = .unspecified) async throws {
        _ = try await ca.authority.revoke(
            RevocationOrder(.serial(record.serial, kind: .x509), cause: cause, reason: "lost"), by: Person.root.caller())
    }

    @Test func `a machine gets a newer certificate for the one it has, of the same enrolment`() async throws {
        let ca = try await authority()
        let machine = TestMachine("web1.example.com", "web2.example.com")
        let first = try await enrolled(ca, machine)
        ca.clock.advance(57_600)
        let second = try await ca.renewed(first, machine.renewal())
        #expect(second.names == first.names)
        #expect(second.publicKey == first.publicKey)
        #expect(second.enrolment == first.enrolment)
        #expect(second.validBefore == first.validBefore + 57_600)
        #expect(try await ca.events().last?.actor?.claims?["proof"] == .string("certificate"))
        #expect(try await ca.events().last?.actor?.claims?["token"] == first.enrolment.map { .string($0) })
        // The reply may be lost: the older certificate is good until it expires.
        _ = try await ca.renewed(first, machine.renewal())

        let fewer = try await ca.renewed(second, machine.renewal(dns: ["web2.example.com"]))
        #expect(fewer.names == ["DNS:web2.example.com"])
        await #expect(throws: EnrolmentRefusal.certificateForOtherName("web1.example.com")) {
            try await ca.renewed(fewer, machine.renewal())
        }
    }

    @Test func `the same call with the same key is answered with the same certificate`() async throws {
        let ca = try await authority()
        let machine = TestMachine()
        let first = try await enrolled(ca, machine)
        let renewed = try await ca.renewed(first, machine.renewal(), key: "a")
        #expect(try await ca.renewed(first, machine.renewal(), key: "a").serial == renewed.serial)
        #expect(try await ca.renewed(first, machine.renewal(), key: "b").serial != renewed.serial)
        // The key belongs to the enrolment.
        let other = TestMachine("web2.example.com")
        #expect(try await ca.renewed(enrolled(ca, other), other.renewal(), key: "a").serial != renewed.serial)
    }

    struct Misuse: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: EnrolmentRefusal
        /// - Returns: what is shown, and what is asked with it.
        let request:
            @Sendable (TestCA, TestMachine, CertificateRecord) async throws -> (CertificateRecord, MachineRenewalRequest)
    }

    static let misuses = [
        Misuse(testDescription: "expired", refusal: .certificateExpired) { ca, machine, record in
            ca.clock.advance(86_400)
            return (record, try machine.renewal())
        },
        Misuse(testDescription: "revoked", refusal: .certificateRevoked) { ca, machine, record in
            _ = try await ca.authority.revoke(
                RevocationOrder(.serial(record.serial, kind: .x509), reason: "x"), by: Person.root.caller())
            return (record, try machine.renewal())
        },
        Misuse(testDescription: "held", refusal: .certificateRevoked) { ca, machine, record in
            _ = try await ca.authority.revoke(
                RevocationOrder(.serial(record.serial, kind: .x509), cause: .certificateHold, reason: "x"),
                by: Person.root.caller())
            return (record, try machine.renewal())
        },
        Misuse(testDescription: "whose successor was revoked", refusal: .enrolmentEnded) { ca, machine, record in
            let second = try await ca.renewed(record, machine.renewal())
            _ = try await ca.authority.revoke(
                RevocationOrder(.serial(second.serial, kind: .x509), reason: "x"), by: Person.root.caller())
            return (record, try machine.renewal())
        },
        Misuse(testDescription: "for another name", refusal: .certificateForOtherName("web2.example.com")) {
            _, machine, record in
            (record, try machine.renewal(dns: ["web1.example.com", "web2.example.com"]))
        },
        Misuse(testDescription: "for no name", refusal: .noName) { _, machine, record in
            (record, try machine.renewal(dns: []))
        },
        Misuse(testDescription: "for another role", refusal: .certificateForOtherRole("client")) { _, machine, record in
            (record, try machine.renewal(role: "client"))
        },
        Misuse(
            testDescription: "issued to a person",
            refusal: .certificateInvalid("it did not come of an enrolment token")
        ) { ca, machine, _ in
            (try await ca.issued(.x509(dns: ["web1.example.com"])), try machine.renewal())
        },
        Misuse(testDescription: "never recorded", refusal: .certificateInvalid("it is not on record")) { _, machine, _ in
            // Of an authority with the same keys and another database.
            let other = try await TestCA(policy: TestCA.machinePolicy)
            return (try await other.enrolled(machine.enrolment(try await other.machineToken())), try machine.renewal())
        },
    ]

    @Test(arguments: misuses)
    func `what does not prove the machine renews nothing`(_ misuse: Misuse) async throws {
        let ca = try await authority()
        let machine = TestMachine()
        let record = try await enrolled(ca, machine)
        let (shown, request) = try await misuse.request(ca, machine, record)
        let before = try await ca.certificates().count
        await #expect(throws: misuse.refusal) { try await ca.renewed(shown, request) }
        #expect(try await ca.certificates().count == before)
    }

    @Test func `a hold that was taken back lets the machine renew again`() async throws {
        let ca = try await authority()
        let machine = TestMachine()
        let record = try await enrolled(ca, machine)
        try await revoke(ca, record, cause: .certificateHold)
        await #expect(throws: EnrolmentRefusal.certificateRevoked) { try await ca.renewed(record, machine.renewal()) }
        _ = try await ca.authority.release(serial: record.serial, kind: .x509, reason: "found", by: Person.root.caller())
        _ = try await ca.renewed(record, machine.renewal())
    }

    @Test func `the policy decides anew each time`() async throws {
        let ca = try await authority()
        let machine = TestMachine()
        let record = try await enrolled(ca, machine)
        let stricter = TestCA.machinePolicy.replacing(
            "who: {provider: machines}", with: "who: {provider: machines, claims: {proof: token}}")
        try await ca.authority.replacePolicies(with: TestCA.policySet(stricter), from: nil)
        await #expect(throws: DeniedError.self) { try await ca.renewed(record, machine.renewal()) }
        #expect(try await ca.events().last?.type == .certificateDenied)
    }

    @Test func `a revocation in between wins`() async throws {
        let ca = try await authority()
        let machine = TestMachine()
        let first = try await enrolled(ca, machine)
        let second = try await ca.renewed(first, machine.renewal())
        for (shown, refusal) in [(second, EnrolmentRefusal.certificateRevoked), (first, .enrolmentEnded)] {
            ca.store.disturbOnce { [store = ca.store] _ in
                var entry = try CommitEntry(event: AuditEvent(time: AuditTime(TestCA.start), type: .certificateRevoked))
                entry.revocations = [
                    Revocation(issuer: second.issuer, serial: second.serial, time: TestCA.start, reason: "in between")
                ]
                _ = try await store.base.commit([entry])
            }
            await #expect(throws: refusal) { try await ca.renewed(shown, machine.renewal()) }
            var release = try CommitEntry(event: AuditEvent(time: AuditTime(TestCA.start), type: .certificateReleased))
            release.release = Release(issuer: second.issuer, serial: second.serial)
            _ = try await ca.store.base.commit([release])
        }
        #expect(try await ca.certificates().count == 2)
    }

    @Test func `whoever certifies another key leaves the old one without a successor`() async throws {
        let ca = try await authority()
        let machine = TestMachine()
        let first = try await enrolled(ca, machine)
        // The holder of the old key, be it the thief or the owner, has the next certificate for a key of theirs.
        let other = TestMachine()
        let forked = try await ca.renewed(first, other.renewal())
        let otherKey = try other.publicKey
        #expect(forked.publicKey == otherKey)
        await #expect(throws: EnrolmentRefusal.keyReplaced) { try await ca.renewed(first, machine.renewal()) }
        await #expect(throws: EnrolmentRefusal.keyReplaced) { try await ca.renewed(first, TestMachine().renewal()) }
        // Where the reply was lost, the new key is asked for again.
        _ = try await ca.renewed(first, other.renewal())
        _ = try await ca.renewed(forked, other.renewal())
    }

    @Test func `of two keys at once, one gets the enrolment`() async throws {
        let ca = try await authority()
        let first = try await enrolled(ca, TestMachine())
        let requests = try (0..<8).map { _ in try TestMachine().renewal() }
        let results = await concurrently(8) { try await ca.renewed(first, requests[$0]) }
        #expect(results.count { if case .success = $0 { true } else { false } } == 1)
    }

    @Test func `ending an enrolment revokes all that came of it, also what is renewed meanwhile`() async throws {
        let ca = try await authority()
        let machine = TestMachine()
        let first = try await enrolled(ca, machine)
        let second = try await ca.renewed(first, machine.renewal())
        let stranger = try await enrolled(ca, TestMachine("web2.example.com"))
        var match = RevocationMatch()
        match.enrolment = first.enrolment
        let rehearsed = try await ca.authority.revoke(
            RevocationOrder(.matching(match), reason: "key stolen", isRehearsal: true), by: Person.root.caller())
        #expect(rehearsed.count == 2)

        // The thief renews after the certificates were looked up, and before any of them is revoked.
        func renewal(serial: Character) throws -> CommitEntry {
            var entry = try CommitEntry(event: AuditEvent(time: AuditTime(TestCA.start), type: .certificateIssued))
            entry.preconditions = [.enrolmentIsOpen(first.enrolment ?? "")]
            entry.certificate = second
            entry.certificate?.serial = String(repeating: serial, count: 32)
            return entry
        }
        let meanwhile = try renewal(serial: "a")
        ca.store.disturbOnce { [store = ca.store] _ in
            let outcomes = try await store.base.commit([meanwhile])
            #expect(outcomes[0].isCommitted)
        }
        let outcome = try await ca.authority.revoke(
            RevocationOrder(.matching(match), reason: "key stolen"), by: Person.root.caller())
        #expect(outcome.count == 3)
        let late = try await ca.store.base.commit([try renewal(serial: "b")])
        #expect(late == [.refused(.enrolmentEnded)])
        let certificates = try await ca.certificates()
        #expect(certificates.filter { $0.enrolment == first.enrolment }.allSatisfy { $0.revokedAt != nil })
        #expect(certificates.first { $0.serial == stranger.serial }?.revokedAt == nil)
        await #expect(throws: EnrolmentRefusal.certificateRevoked) { try await ca.renewed(second, machine.renewal()) }
    }

    @Test func `only who may revoke ends an enrolment`() async throws {
        let ca = try await authority()
        let record = try await enrolled(ca, TestMachine())
        var match = RevocationMatch()
        match.enrolment = record.enrolment
        let order = RevocationOrder(.matching(match), reason: "x")
        await #expect(throws: DeniedError.self) { try await ca.authority.revoke(order, by: Person.ana.caller()) }
        #expect(try await ca.certificates().first?.revokedAt == nil)
    }
}
