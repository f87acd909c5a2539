// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import SSHCertificates
import Testing
import X509Certificates

@testable import Issuance

/// From when to when. The clock stands a quarter of a second after `TestCA.start`.
@Suite struct ValidityTests {
    private let start = UInt64(TestCA.start.timeIntervalSince1970)

    @Test func `an SSH certificate begins a minute ago and ends after exactly its lifetime`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.ssh(lifetime: .seconds(600)))
        let validity = try SSHCertificate(parsing: record.certificate).contents.validity
        #expect(validity.validAfter == start - 60)
        #expect(validity.validBefore == start + 600)
        #expect(record.validAfter == TestCA.start - 60)
        #expect(record.validBefore == TestCA.start + 600)
    }

    /// The last second of `notAfter` counts (RFC 5280 §4.1.2.5), that of `valid before` does not.
    @Test func `an X.509 certificate is accepted for exactly its lifetime`() async throws {
        let ca = try await TestCA()
        let record = try await ca.issued(.x509(lifetime: .seconds(600)))
        func verify(at seconds: Double) async throws {
            try await CertificateChain.verify(
                record.certificate, issuers: [ca.issuing.der], root: ca.root.der, usage: .server,
                at: TestCA.start + seconds)
        }
        try await verify(at: -60)
        try await verify(at: 599)
        await #expect(throws: CertificateChainError.self) { try await verify(at: -61) }
        await #expect(throws: CertificateChainError.self) { try await verify(at: 600) }
        #expect(record.validBefore == TestCA.start + 600)
    }

    @Test func `no certificate begins before its CA`() async throws {
        let ca = try await TestCA()
        ca.clock.advance(-86_400 + 30)
        let limits = Limits(lifetime: .seconds(600))
        #expect(limits.validity(at: ca.clock.wholeSeconds, under: ca.issuing).after == TestCA.start - 86_400)
    }

    @Test func `without a wish the lifetime is the rule's default`() async throws {
        let ca = try await TestCA()
        #expect(try await ca.issued(.ssh()).validBefore == TestCA.start + 600)
    }

    @Test func `a lifetime within all limits is given as asked, and nothing is said`() async throws {
        let ca = try await TestCA()
        let outcome = try await ca.authority.issue(.ssh(lifetime: .seconds(601)), for: Person.ana.caller())
        #expect(outcome.record?.validBefore == TestCA.start + 601)
        #expect(outcome.narrowed == [])
    }

    @Test func `more than the rule gives is narrowed, and the reply names the rule`() async throws {
        let ca = try await TestCA(ceilings: .endless)
        let outcome = try await ca.authority.issue(.ssh(lifetime: .seconds(300 * 86_400)), for: Person.ana.caller())
        #expect(outcome.record?.validBefore == TestCA.start + 200 * 86_400)
        let narrowed = try #require(outcome.narrowed)
        #expect(narrowed.count == 1)
        #expect(narrowed.first?.hasPrefix("lifetime is 200d instead of 300d by test.yaml:") == true)
        #expect(narrowed.first?.contains("`engineers-work`") == true)
    }

    @Test(arguments: Kind.allCases)
    func `no policy exceeds the ceiling, and the reply says so`(kind: Kind) async throws {
        let ca = try await TestCA()
        let outcome = try await ca.authority.issue(
            try kind.request(lifetime: .seconds(200 * 86_400)), for: Person.ana.caller())
        #expect(outcome.record?.validBefore == TestCA.start + Double(kind.standardCeilingDays) * 86_400)
        let sentence = "lifetime is \(kind.standardCeilingDays)d instead of 200d by the ceiling in mayfly.yaml"
        #expect(outcome.narrowed == [sentence])
        #expect(try await ca.events().last?.decision?.narrowed == [sentence])
    }

    @Test func `a default above the ceiling is narrowed too`() async throws {
        var ceilings = Ceilings.standard
        ceilings.ssh = .seconds(300)
        let ca = try await TestCA(ceilings: ceilings)
        let outcome = try await ca.authority.issue(.ssh(), for: Person.ana.caller())
        #expect(outcome.record?.validBefore == TestCA.start + 300)
        #expect(outcome.narrowed == ["lifetime is 5m instead of 10m by the ceiling in mayfly.yaml"])
    }

    @Test func `nothing outlives the CA it is issued by, and the reply says so`() async throws {
        let ca = try await TestCA(caLife: 300)
        let outcome = try await ca.authority.issue(.x509(), for: Person.ana.caller())
        let record = try #require(outcome.record)
        #expect(record.validBefore == TestCA.start + 300)
        #expect(outcome.narrowed == ["lifetime is 5m instead of 10m by the end of the CA certificate"])
        try await CertificateChain.verify(
            record.certificate, issuers: [ca.issuing.der], root: ca.root.der, usage: .server, at: TestCA.start + 299)
    }

    @Test func `a CA issues in its last second`() async throws {
        let ca = try await TestCA(caLife: 300)
        ca.clock.advance(299)
        #expect(try await ca.issued(.x509()).validBefore == TestCA.start + 300)
    }

    @Test func `an expired CA issues nothing`() async throws {
        let ca = try await TestCA(caLife: 300)
        ca.clock.advance(300)
        await #expect(throws: AuthorityError.caExpired("Test Issuing")) {
            try await ca.authority.issue(.x509(), for: Person.ana.caller())
        }
        #expect(try await ca.certificates().isEmpty)
    }

    @Test func `an X.509 CA that expired keeps nobody from SSH`() async throws {
        let ca = try await TestCA(caLife: 300)
        ca.clock.advance(300)
        #expect(try await ca.authority.issue(.ssh(), for: Person.ana.caller()).record != nil)
    }

    @Test func `a session lasts as long as its ceiling`() async throws {
        let ca = try await TestCA()
        #expect(try await ca.openSession().session.expiresAt == TestCA.start + 12 * 3600)
    }

    @Test func `a session does not outlive the service CA`() async throws {
        let ca = try await TestCA(caLife: 300)
        #expect(try await ca.openSession().session.expiresAt == TestCA.start + 300)
    }

    @Test func `an expired service CA opens no session`() async throws {
        let ca = try await TestCA(caLife: 300)
        ca.clock.advance(300)
        await #expect(throws: AuthorityError.caExpired("Test Service")) { try await ca.openSession() }
    }
}

enum Kind: CaseIterable {
    case ssh, sshHost, x509

    var standardCeilingDays: Int {
        switch self {
        case .ssh: 1
        case .sshHost: 90
        case .x509: 30
        }
    }

    func request(lifetime: Duration? = nil) throws -> IssuanceRequest {
        switch self {
        case .ssh: try .ssh(lifetime: lifetime)
        case .sshHost: try .sshHost(lifetime: lifetime)
        case .x509: try .x509(lifetime: lifetime)
        }
    }
}

extension Ceilings {
    fileprivate static let endless = Ceilings(
        ssh: .seconds(3_000_000_000), sshHost: .seconds(3_000_000_000), x509: .seconds(3_000_000_000),
        session: .seconds(3_000_000_000))
}
