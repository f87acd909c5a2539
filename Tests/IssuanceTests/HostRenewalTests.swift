// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Authentication
import Foundation
import Policies
import SSHCertificates
import ServiceAPI
import Storage
import Testing

@testable import Issuance

/// A host renews with the certificate it has, as long as it is enrolled and the policy still wants it.
@Suite struct HostRenewalTests {
    private func enrolled(_ ca: TestCA, _ host: TestHost) async throws -> CertificateRecord {
        try await ca.enrolled(host.enrolment(try await ca.token(hosts: host.name), at: ca))
    }

    @Test func `a host gets a newer certificate for the one it has`() async throws {
        let ca = try await TestCA()
        let host = try TestHost()
        let first = try await enrolled(ca, host)
        ca.clock.advance(57_600)
        let second = try await ca.renewed(host.renewal(first, at: ca))
        #expect(second.names == first.names)
        #expect(second.publicKey == first.publicKey)
        #expect(second.validBefore == first.validBefore + 57_600)
        #expect(try await ca.store.host(named: host.name)?.certificate.serial == second.serial)
        // The reply may be lost: the older certificate is good until it expires.
        _ = try await ca.renewed(host.renewal(first, at: ca))
        #expect(try await ca.events().last?.actor?.claims?["proof"] == .string("certificate"))
    }

    struct Misuse: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let refusal: EnrolmentRefusal
        let request: @Sendable (TestCA, TestHost, CertificateRecord) async throws -> HostRenewalRequest
    }

    static let misuses = [
        Misuse(testDescription: "expired", refusal: .certificateExpired) { ca, host, record in
            ca.clock.advance(86_400)
            return try host.renewal(record, at: ca)
        },
        Misuse(testDescription: "revoked", refusal: .certificateRevoked) { ca, host, record in
            _ = try await ca.authority.revoke(
                RevocationOrder(.serial(record.serial, kind: .sshHost), reason: "x"), by: Person.root.caller())
            return try host.renewal(record, at: ca)
        },
        Misuse(testDescription: "of a removed host", refusal: .certificateRevoked) { ca, host, record in
            _ = try await ca.authority.removeHost(HostName(host.name), reason: "x", by: Person.root.caller())
            return try host.renewal(record, at: ca)
        },
        Misuse(testDescription: "older, of a removed host", refusal: .notEnrolled("web1.example.com")) { ca, host, record in
            _ = try await ca.renewed(host.renewal(record, at: ca))
            _ = try await ca.authority.removeHost(HostName(host.name), reason: "x", by: Person.root.caller())
            return try host.renewal(record, at: ca)
        },
        Misuse(testDescription: "of a host that was enrolled anew", refusal: .notEnrolled("web1.example.com")) {
            ca, host, record in
            _ = try await ca.enrolled(TestHost().enrolment(try await ca.token(), at: ca))
            return try host.renewal(record, at: ca)
        },
        Misuse(testDescription: "of another host", refusal: .signatureInvalid) { ca, _, record in
            try TestHost().renewal(record, at: ca)
        },
        Misuse(testDescription: "issued to a person", refusal: .notEnrolled("web2.example.com")) { ca, _, _ in
            let host = try TestHost("web2.example.com")
            let request = try IssuanceRequest(
                role: "web-host", subject: .sshHost(host.publicKey, host: HostName(host.name)), lifetime: nil, reason: nil)
            return try host.renewal(try await ca.issued(request), at: ca)
        },
        Misuse(testDescription: "of a user", refusal: .certificateInvalid("another key signed it")) { ca, host, _ in
            try host.renewal(try await ca.issued(.ssh(key: host.publicKey)), at: ca)
        },
        Misuse(testDescription: "with a changed byte", refusal: .certificateInvalid("")) { ca, host, record in
            var request = try host.renewal(record, at: ca)
            let place = request.certificate.index(request.certificate.startIndex, offsetBy: 300)
            request.certificate.replaceSubrange(place...place, with: request.certificate[place] == "A" ? "B" : "A")
            return request
        },
        Misuse(testDescription: "the same request again", refusal: .requestRepeated) { ca, host, record in
            let request = try host.renewal(record, at: ca)
            _ = try await ca.renewed(request)
            return request
        },
        Misuse(testDescription: "a report's signature", refusal: .signatureInvalid) { ca, host, record in
            var request = try host.renewal(record, at: ca)
            request.proof = try host.proof(
                of: .report(certificate: digest(record.certificate), contents: digest([])), for: ca)
            return request
        },
    ]

    @Test(arguments: misuses)
    func `what does not prove the host renews nothing`(_ misuse: Misuse) async throws {
        let ca = try await TestCA()
        let host = try TestHost()
        let record = try await enrolled(ca, host)
        let request = try await misuse.request(ca, host, record)
        let before = try await ca.certificates().count
        await #expect {
            try await ca.renewed(request)
        } throws: { error in
            if case .certificateInvalid("") = misuse.refusal, case EnrolmentRefusal.certificateInvalid = error { return true }
            return error as? EnrolmentRefusal == misuse.refusal
        }
        #expect(try await ca.certificates().count == before)
    }

    @Test func `the policy decides anew each time`() async throws {
        let ca = try await TestCA()
        let host = try TestHost()
        let record = try await enrolled(ca, host)
        let stricter = TestCA.policy.replacing("who: {provider: hosts}", with: "who: {provider: hosts, claims: {proof: token}}")
        try await ca.authority.replacePolicies(with: TestCA.policySet(stricter), from: nil)
        await #expect(throws: DeniedError.self) { try await ca.renewed(host.renewal(record, at: ca)) }
        #expect(try await ca.events().last?.type == .certificateDenied)
    }

    @Test func `a removal in between wins`() async throws {
        let ca = try await TestCA()
        let host = try TestHost()
        let record = try await enrolled(ca, host)
        ca.store.disturbOnce { [store = ca.store] _ in
            var entry = try CommitEntry(event: AuditEvent(time: AuditTime(TestCA.start), type: .hostRemoved))
            entry.hostChange = .removed(name: "web1.example.com")
            _ = try await store.base.commit([entry])
        }
        await #expect(throws: EnrolmentRefusal.notEnrolled("web1.example.com")) {
            try await ca.renewed(host.renewal(record, at: ca))
        }
        #expect(try await ca.certificates().count == 1)
    }

    @Test func `a removal revokes the newest certificate, and is on record`() async throws {
        let ca = try await TestCA()
        let host = try TestHost()
        let record = try await enrolled(ca, host)
        let removed = try await ca.authority.removeHost(
            HostName(host.name), reason: "decommissioned", by: Person.root.caller())
        #expect(removed.removedAt == TestCA.start)
        #expect(try await ca.certificates().first?.revokedAt == TestCA.start)
        #expect(try await ca.authority.hosts(after: nil, limit: 10).isEmpty)
        let event = try #require(try await ca.events().last)
        #expect(event.type == .hostRemoved)
        #expect(event.request?.reason == "decommissioned")
        #expect(event.certificate?.serial == record.serial)
        await #expect(throws: AuthorityError.hostNotFound(host.name)) {
            try await ca.authority.removeHost(HostName(host.name), reason: "x", by: Person.root.caller())
        }
    }

    @Test func `the last report is kept, and an older one does not replace it`() async throws {
        let ca = try await TestCA()
        let host = try TestHost()
        let certificate = try await enrolled(ca, host)
        func report(_ text: String) async throws {
            let line = try SSHCertificate.authorizedKey(ofIssued: certificate.certificate)
            let act = HostMessage.Act.report(
                certificate: digest(certificate.certificate), contents: digest(Array(text.utf8)))
            let request = HostReportRequest(certificate: line, report: text, proof: try host.proof(of: act, for: ca))
            let proven = try await ca.hostAuthenticator.reporting(request, address: nil)
            guard case .certificate(let reference) = proven.proof else { throw EnrolmentRefusal.signatureInvalid }
            try await ca.authority.record(
                HostReport(
                    time: Date(timeIntervalSince1970: Double(request.proof.time)), certificate: reference,
                    revocationListVersion: 7, userCAKeys: ["SHA256:a"], zones: ["web"], clientVersion: text,
                    sessionsListVersion: nil, problem: nil),
                [], of: proven, requestID: text)
        }
        try await report("1")
        ca.clock.advance(1)
        try await report("2")
        #expect(try await ca.store.host(named: host.name)?.report?.clientVersion == "2")
        ca.clock.advance(-1)
        await #expect(throws: EnrolmentRefusal.tooManyReports) { try await report("3") }
        #expect(try await ca.store.host(named: host.name)?.report?.clientVersion == "2")
    }
}
