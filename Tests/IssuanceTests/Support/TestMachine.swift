// SPDX-License-Identifier: Apache-2.0

import Authentication
import Crypto
import Foundation
import Issuance
import Policies
import ServiceAPI
import Testing
import X509Certificates

/// A machine with a key of its own, as the server sees it.
struct TestMachine: Sendable {
    var names: [(tag: UInt8, text: String)]
    private let key = P256.Signing.PrivateKey()

    /// - Parameter names: DNS names.
    init(_ names: String...) {
        self.names = (names.isEmpty ? ["web1.example.com"] : names).map { (0x82, $0) }
    }

    var publicKey: String {
        get throws {
            try SubjectPublicKey(subjectPublicKeyInfo: Array(key.publicKey.derRepresentation)).fingerprint
        }
    }

    /// - Parameter dns: names in place of its own.
    func csr(dns: [String]? = nil) throws -> String {
        let names = dns.map { $0.map { (UInt8(0x82), $0) } } ?? names.map { ($0.tag, $0.text) }
        let base64 = Data(try signingRequestDER(names: names, key: key))
            .base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return "-----BEGIN CERTIFICATE REQUEST-----\n\(base64)\n-----END CERTIFICATE REQUEST-----\n"
    }

    func enrolment(_ token: String, role: String = "web-server") throws -> MachineEnrolmentRequest {
        MachineEnrolmentRequest(token: token, role: role, csr: try csr())
    }

    func renewal(role: String = "web-server", dns: [String]? = nil) throws -> MachineRenewalRequest {
        MachineRenewalRequest(role: role, csr: try csr(dns: dns))
    }
}

extension TestCA {
    /// That of the other tests, and a rule for machines.
    static let machinePolicy = policy.replacing(
        "deny:\n",
        with: """
              - id: machines-look-after-themselves
                who: {provider: machines}
                roles: [web-server]
                lifetime: {default: 1d, max: 1d}
            deny:

            """)

    var machineAuthenticator: MachineAuthenticator {
        MachineAuthenticator(store: store, machineCAs: { authority.machineCAs }, clock: clock)
    }

    func machineToken(
        role: String = "web-server", names: [String] = ["web1.example.com"], lifetime: Duration = .seconds(3600)
    ) async throws -> String {
        try await authority.createEnrolmentToken(
            .x509, role: role, names: names.map { try HostPattern($0) }, lifetime: lifetime, by: Person.root.caller()
        ).text
    }

    func enrolled(_ request: MachineEnrolmentRequest) async throws -> CertificateRecord {
        let machine = try await machineAuthenticator.enrolling(request, address: "10.0.0.9")
        return try await certificate(for: machine)
    }

    /// - Parameters:
    ///   - record: of the certificate that is shown.
    ///   - issuer: what signed it, as the handshake found.
    func renewed(
        _ record: CertificateRecord, _ request: MachineRenewalRequest, issuer: IssuerCertificate? = nil, key: String? = nil
    ) async throws -> CertificateRecord {
        let presented = try #require(PresentedCertificate(der: record.certificate))
        let shown = try await machineAuthenticator.shown(MachineCertificate(presented, issuedBy: issuer ?? issuing))
        let machine = try machineAuthenticator.renewing(shown, request, address: "10.0.0.9")
        return try await certificate(for: machine, key: key)
    }

    private func certificate(for machine: ProvenMachine, key: String? = nil) async throws -> CertificateRecord {
        let outcome = try await authority.issueMachineCertificate(
            to: machine, lifetime: nil, reason: nil, ticket: nil, requestID: "request-2",
            idempotencyKey: key.map { IdempotencyKey(key: $0, requestDigest: [1]) })
        switch outcome {
        case .issued(let record, _): return record
        case .denied(let refusal): throw refusal
        case .approvalNeeded(let needed): throw needed
        }
    }
}
