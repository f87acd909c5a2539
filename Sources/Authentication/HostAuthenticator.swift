// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
package import Issuance
import Policies
package import SSHCertificates
package import ServiceAPI

/// How a host proves who it is: it signs with its host key, and shows a token or the certificate of that key. Nothing is
/// used up here; that happens with what the proof is for.
package struct HostAuthenticator: Sendable {
    private let store: any Store
    /// The keys whose host certificates count now.
    private let hostCAs: @Sendable () -> [SSHPublicKey]
    /// What hosts pin; part of what is signed.
    private let serviceFingerprint: String
    private let clock: any WallClock

    /// How far the clock of a host may be off, in seconds.
    package static let tolerance: Int64 = 300

    package init(
        store: any Store, hostCAs: @escaping @Sendable () -> [SSHPublicKey], serviceFingerprint: String, clock: any WallClock
    ) {
        self.store = store
        self.hostCAs = hostCAs
        self.serviceFingerprint = serviceFingerprint
        self.clock = clock
    }

    /// A host that shows a token.
    /// - Throws: `EnrolmentRefusal`, and what is wrong with names and keys.
    package func enrolling(_ request: HostEnrolmentRequest, address: String?) async throws -> ProvenHost {
        let host = try HostName(request.host)
        let key = try SSHPublicKey(authorizedKey: request.publicKey)
        // Who has no token learns nothing, not even whether a signature was good.
        let token = try await store.usableToken(request.token, for: .sshHost, role: request.role, at: clock.now)
        guard token.isFor(host) else { throw EnrolmentRefusal.tokenForOtherName(host.text) }
        let act = HostMessage.Act.enrolment(
            token: token.digest.hexadecimal, role: request.role, host: request.host)
        let used = try verified(request.proof, of: act, by: key)
        return ProvenHost(
            name: host, key: key, role: token.role, proof: .token(token), request: used,
            address: address.flatMap { IPAddress($0) })
    }

    /// A host that shows its certificate, to renew it.
    package func renewing(_ request: HostRenewalRequest, address: String?) async throws -> ProvenHost {
        try await enrolled(request.certificate, request.proof, address: address) { .renewal(certificate: $0) }
    }

    /// A host that shows its certificate, to report.
    package func reporting(_ request: HostReportRequest, address: String?) async throws -> ProvenHost {
        let contents = Self.digest(Array(request.report.utf8))
        return try await enrolled(request.certificate, request.proof, address: address) {
            .report(certificate: $0, contents: contents)
        }
    }

    private func enrolled(
        _ line: String, _ proof: HostSignature, address: String?, _ act: (String) -> HostMessage.Act
    ) async throws -> ProvenHost {
        let certificate = try certificate(line)
        let contents = certificate.contents
        let reference = CertificateReference(
            issuer: contents.signatureKey.fingerprint, serial: String(contents.serial))
        guard let record = try await store.certificate(issuer: reference.issuer, serial: reference.serial),
            record.certificate == certificate.blob
        else { throw EnrolmentRefusal.certificateInvalid("it is not on record") }
        guard record.revokedAt == nil else { throw EnrolmentRefusal.certificateRevoked }
        guard clock.now < record.validBefore else { throw EnrolmentRefusal.certificateExpired }
        let name = contents.principals.names.first ?? ""
        guard let host = try await store.host(named: name), host.removedAt == nil,
            host.publicKey == contents.publicKey.fingerprint
        else { throw EnrolmentRefusal.notEnrolled(name) }
        let used = try verified(proof, of: act(Self.digest(certificate.blob)), by: contents.publicKey)
        return ProvenHost(
            name: try HostName(name), key: contents.publicKey, role: host.role, proof: .certificate(reference),
            request: used, address: address.flatMap { IPAddress($0) })
    }

    private func certificate(_ line: String) throws(EnrolmentRefusal) -> SSHCertificate {
        let certificate: SSHCertificate
        do throws(SSHCertificateError) {
            certificate = try SSHCertificate(authorizedKey: line)
        } catch {
            throw .certificateInvalid(error.description)
        }
        guard hostCAs().contains(certificate.contents.signatureKey) else {
            throw .certificateInvalid("another key signed it")
        }
        guard certificate.contents.kind == .host else { throw .certificateInvalid("it is not for a host") }
        return certificate
    }

    private func verified(
        _ proof: HostSignature, of act: HostMessage.Act, by key: SSHPublicKey
    ) throws(EnrolmentRefusal) -> UsedChallenge {
        let now = Int64(clock.now.timeIntervalSince1970.rounded(.down))
        guard proof.nonce.utf8.count == 32, proof.nonce.utf8.allSatisfy(Self.isHexadecimal) else {
            throw .signatureInvalid
        }
        let message = HostMessage(
            serviceFingerprint: serviceFingerprint, act: act, time: proof.time, nonce: proof.nonce)
        do throws(SSHSIGError) {
            _ = try SSHSIG(armored: proof.signature).verify(
                message: message.bytes, namespace: HostMessage.namespace, allowedKeys: [key])
        } catch {
            throw .signatureInvalid
        }
        // A time without end is no number to subtract from.
        let (ahead, overflows) = proof.time.subtractingReportingOverflow(now)
        guard !overflows, ahead.magnitude <= Self.tolerance.magnitude else {
            throw .clockDiffers(Int(max(-Self.largestDifference, min(Self.largestDifference, overflows ? .max : ahead))))
        }
        return UsedChallenge(
            nonce: "host " + Self.digest(message.bytes),
            expires: Date(timeIntervalSince1970: Double(proof.time + Self.tolerance + 1)))
    }

    /// A century is as wrong as any more.
    private static let largestDifference: Int64 = 3_200_000_000

    private static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).hexadecimal
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
