// SPDX-License-Identifier: Apache-2.0

import Authentication
import Crypto
import Foundation
import Issuance
import Policies
import SSHCertificates
import ServiceAPI

/// A host with a key of its own, as the server sees it.
struct TestHost: Sendable {
    let name: String
    let publicKey: SSHPublicKey
    private let key = Curve25519.Signing.PrivateKey()

    init(_ name: String = "web1.example.com") throws {
        self.name = name
        let head: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
        publicKey = try SSHPublicKey(subjectPublicKeyInfo: head + key.publicKey.rawRepresentation)
    }

    /// - Parameter namespace: what the signature is for.
    func proof(
        of act: HostMessage.Act, for ca: TestCA, at time: Date? = nil, nonce: String? = nil,
        service: String? = nil, namespace: String = HostMessage.namespace
    ) throws -> HostSignature {
        let time = Int64((time ?? ca.clock.now).timeIntervalSince1970)
        let nonce = nonce ?? (0..<16).map { _ in UInt8.random(in: 0...255) }.hexadecimal
        let message = HostMessage(
            serviceFingerprint: service ?? ca.authority.serviceFingerprint, act: act, time: time, nonce: nonce)
        let signed = try SSHSIG.bytesToSign(message: message.bytes, namespace: namespace)
        let signature = try SSHSIG(
            publicKey: publicKey, namespace: namespace, hash: .sha512,
            signature: SSHSignature(x509Encoded: Array(key.signature(for: signed)), algorithm: .ed25519))
        return HostSignature(time: time, nonce: nonce, signature: signature.armored)
    }

    func enrolment(_ token: String, role: String = "web-host", at ca: TestCA) throws -> HostEnrolmentRequest {
        HostEnrolmentRequest(
            token: token, role: role, host: name, publicKey: try publicKey.authorizedKey(),
            proof: try proof(of: .enrolment(token: digest(Array(token.utf8)), role: role, host: name), for: ca))
    }

    func renewal(_ record: CertificateRecord, at ca: TestCA) throws -> HostRenewalRequest {
        HostRenewalRequest(
            certificate: try SSHCertificate.authorizedKey(ofIssued: record.certificate),
            proof: try proof(of: .renewal(certificate: digest(record.certificate)), for: ca))
    }
}

func digest(_ bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hexadecimal }

extension TestCA {
    var hostAuthenticator: HostAuthenticator {
        HostAuthenticator(
            store: store, hostCAs: { authority.hostCAs }, serviceFingerprint: authority.serviceFingerprint, clock: clock)
    }

    func token(
        role: String = "web-host", hosts: String = "web1.example.com", lifetime: Duration = .seconds(3600)
    ) async throws -> String {
        try await authority.createEnrolmentToken(
            .sshHost, role: role, names: [HostPattern(hosts)], lifetime: lifetime, by: Person.root.caller()
        ).text
    }

    func enrolled(_ request: HostEnrolmentRequest) async throws -> CertificateRecord {
        let host = try await hostAuthenticator.enrolling(request, address: "10.0.0.9")
        return try granted(try await authority.issueHostCertificate(to: host, requestID: "request-2"))
    }

    func renewed(_ request: HostRenewalRequest) async throws -> CertificateRecord {
        let host = try await hostAuthenticator.renewing(request, address: "10.0.0.9")
        return try granted(try await authority.issueHostCertificate(to: host, requestID: "request-3"))
    }

    private func granted(_ outcome: IssuanceOutcome) throws -> CertificateRecord {
        switch outcome {
        case .issued(let record, _): return record
        case .denied(let refusal): throw refusal
        case .approvalNeeded(let needed): throw needed
        }
    }
}
