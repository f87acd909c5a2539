// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Crypto
import Policies
import Synchronization
import X509Certificates

package import struct FoundationEssentials.Date

/// Answers OCSP requests (RFC 6960, RFC 5019) for the workload CA with a key of its own, which lives in memory and whose
/// certificate the CA renews: the CA's key signs nothing because a stranger asks.
package actor StatusResponder {
    private let authority: Authority
    /// By issuing CA: each vouches for a key of its own.
    private var delegates: [String: Delegate] = [:]
    /// Answers that were signed without a nonce, until they are old or something was revoked.
    private var signed: [CertificateID: (response: StatusResponse, generation: UInt64)] = [:]

    private struct Delegate {
        let key: P256.Signing.PrivateKey
        let responder: OCSPResponder
        let renewsAt: Date
    }

    private static let delegateLifetime: Double = 24 * 3600  // seconds
    /// How long an answer may be cached. A revocation is known everywhere after this.
    package static let answerValidity: Double = 600  // seconds
    private static let mostSigned = 50_000

    package init(authority: Authority) {
        self.authority = authority
    }

    /// - Parameter der: what stood in a body or in a path.
    package func answer(_ der: [UInt8]) async throws -> StatusResponse {
        guard let request = try? OCSPRequest(der: der) else { return StatusResponse(.malformedRequest) }
        // Of other CAs we know nothing, and one answer speaks for one of ours (RFC 5019 §2.2.3).
        let issuers = authority.keys.current.workloads.listing.map { $0.authority }
        guard let issuer = issuers.first(where: { issuer in request.certificates.allSatisfy { $0.names(issuer.certificate) } })
        else { return StatusResponse(.unauthorized) }
        let now = authority.clock.wholeSeconds
        let generation = authority.revocations.generation
        let single = request.certificates.count == 1 && request.nonce == nil ? request.certificates[0] : nil
        if let single, let known = signed[single], known.generation == generation, known.response.isFresh(at: now) {
            return known.response
        }
        var answers: [OCSPAnswer] = []
        for certificate in request.certificates {
            answers.append(
                try OCSPAnswer(
                    certificate, try await status(of: certificate, issuer: issuer), thisUpdate: now,
                    nextUpdate: now.addingTimeInterval(Self.answerValidity)))
        }
        let profile = try OCSPResponseProfile(answers, producedAt: now, nonce: request.nonce)
        let response = StatusResponse(
            der: try await sign(profile, of: issuer, at: now), thisUpdate: now,
            nextUpdate: now.addingTimeInterval(Self.answerValidity), isCacheable: request.nonce == nil)
        if let single {
            if signed.count >= Self.mostSigned { signed = [:] }
            signed[single] = (response, generation)
        }
        return response
    }

    private func status(of certificate: CertificateID, issuer: X509Authority) async throws -> OCSPAnswer.Status {
        guard let serial = certificate.serial,
            let record = try await authority.store.certificate(issuer: issuer.issuer, serial: serial.hexadecimal)
        else { return .unknown }
        guard let time = record.revokedAt else { return .good }
        return .revoked(at: time, reason: (record.revocationCause ?? .unspecified).reason)
    }

    private func sign(_ profile: OCSPResponseProfile, of issuer: X509Authority, at now: Date) async throws -> [UInt8] {
        let delegate = try await currentDelegate(of: issuer, at: now)
        let unsigned = try UnsignedOCSPResponse(profile, responder: delegate.responder)
        try OCSPResponseLinter.check(unsigned.toBeSigned, says: profile, responder: delegate.responder)
        return try unsigned.signed(Array(try delegate.key.signature(for: unsigned.toBeSigned).derRepresentation)).der
    }

    private func currentDelegate(of issuer: X509Authority, at now: Date) async throws -> Delegate {
        if let delegate = delegates[issuer.issuer], now < delegate.renewsAt { return delegate }
        let key = P256.Signing.PrivateKey()
        let certificate = try await authority.responderCertificate(
            publicKey: SubjectPublicKey(subjectPublicKeyInfo: Array(key.publicKey.derRepresentation)),
            by: issuer, lifetime: Self.delegateLifetime)
        let made = Delegate(
            key: key,
            responder: try OCSPResponder(
                certificate: certificate, issuer: issuer.certificate),
            renewsAt: now.addingTimeInterval(Self.delegateLifetime / 2))
        delegates[issuer.issuer] = made
        return made
    }
}

/// A finished response and how long it may be cached.
package struct StatusResponse: Sendable {
    package let der: [UInt8]
    /// nil for an error, which is not signed.
    package let validity: (thisUpdate: Date, nextUpdate: Date)?
    /// Whether others may be given it too: it has no nonce.
    package let isCacheable: Bool

    init(_ error: OCSPErrorResponse) {
        der = error.der
        validity = nil
        isCacheable = false
    }

    init(der: [UInt8], thisUpdate: Date, nextUpdate: Date, isCacheable: Bool) {
        self.der = der
        validity = (thisUpdate, nextUpdate)
        self.isCacheable = isCacheable
    }

    /// For at least half of its time.
    fileprivate func isFresh(at now: Date) -> Bool {
        guard let validity else { return false }
        let half = validity.nextUpdate.timeIntervalSince(validity.thisUpdate) / 2
        return validity.thisUpdate <= now && now < validity.thisUpdate.addingTimeInterval(half)
    }
}

extension Authority {
    /// A certificate for the key that answers OCSP requests. It leaves only after record and event are durable.
    /// - Parameter lifetime: seconds.
    func responderCertificate(
        publicKey: SubjectPublicKey, by issuer: X509Authority, lifetime: Double
    ) async throws -> [UInt8] {
        let now = clock.wholeSeconds
        let profile = try ResponderProfile(
            serial: SerialNumber(randomBits: randomBytes(SerialNumber.byteCount)),
            notBefore: max(now.addingTimeInterval(-Self.backdating), issuer.certificate.notBefore),
            notAfter: min(now.addingTimeInterval(lifetime - 1), issuer.certificate.notAfter),
            commonName: "OCSP responder", publicKey: publicKey)
        let certificate = try await ApprovedIssuance(profile, by: issuer).sign()
        let record = CertificateRecord(
            kind: .server, issuer: issuer.issuer, serial: profile.serial.hexadecimal, provider: "server", user: nil,
            role: "", rule: "", host: nil, names: ["CN=\(profile.commonName.text)"], publicKey: publicKey.fingerprint,
            validAfter: profile.notBefore, validBefore: profile.notAfter.addingTimeInterval(1), issuedAt: now,
            policy: policies.current.set.digest, certificate: certificate)
        try await recordOwn(record)
        return certificate
    }
}
