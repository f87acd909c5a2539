// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Issuance
import Policies
package import ServiceAPI
package import X509Certificates

/// A certificate whose key the other end of a TLS connection proved to hold, signed by an issuing CA of this installation.
/// Whether it is on record, and still good, is not known yet.
package struct MachineCertificate: Sendable, Equatable {
    /// `SHA256:…` of the key that signed it.
    let issuer: String
    let serial: String
    let der: [UInt8]

    package init(_ presented: PresentedCertificate, issuedBy issuer: IssuerCertificate) {
        self.issuer = issuer.keyFingerprint
        serial = presented.serial.hexadecimal
        der = presented.der
    }
}

/// How a machine proves who it is: it shows a token, or its certificate in the TLS handshake. The request is signed with the key
/// that is to be certified. Nothing is used up here; that happens with what the proof is for.
package struct MachineAuthenticator: Sendable {
    private let store: any Store
    /// The issuing CAs whose certificates count now.
    private let machineCAs: @Sendable () -> [IssuerCertificate]
    private let clock: any WallClock

    package init(
        store: any Store, machineCAs: @escaping @Sendable () -> [IssuerCertificate], clock: any WallClock
    ) {
        self.store = store
        self.machineCAs = machineCAs
        self.clock = clock
    }

    /// A machine that shows a token.
    /// - Throws: `EnrolmentRefusal`, and what is wrong with the request and its names.
    package func enrolling(_ request: MachineEnrolmentRequest, address: String?) async throws -> ProvenMachine {
        // Who has no token learns nothing, and has no signature verified.
        let token = try await store.usableToken(request.token, for: .x509, role: request.role, at: clock.now)
        let csr = try CertificateSigningRequest(parsing: request.csr)
        let names = try names(of: csr)
        for name in names where !token.isFor(name) { throw EnrolmentRefusal.tokenForOtherName(name.text) }
        return ProvenMachine(
            role: token.role, csr: csr, names: names, proof: .token(token), address: address.flatMap { IPAddress($0) })
    }

    /// A certificate that may be renewed, as far as it can be told without knowing what is asked for.
    package struct Shown: Sendable {
        let record: CertificateRecord
        /// Id of the token that it came of.
        package let enrolment: String
    }

    /// - Throws: `EnrolmentRefusal`
    package func shown(_ certificate: MachineCertificate) async throws -> Shown {
        // A connection may be older than the revocation of a CA.
        guard machineCAs().contains(where: { $0.keyFingerprint == certificate.issuer }) else {
            throw EnrolmentRefusal.certificateInvalid("its CA does not count any more")
        }
        guard let record = try await store.certificate(issuer: certificate.issuer, serial: certificate.serial),
            record.certificate == certificate.der
        else { throw EnrolmentRefusal.certificateInvalid("it is not on record") }
        guard record.kind == .x509, let enrolment = record.enrolment else {
            throw EnrolmentRefusal.certificateInvalid("it did not come of an enrolment token")
        }
        guard record.revokedAt == nil else { throw EnrolmentRefusal.certificateRevoked }
        guard clock.now < record.validBefore else { throw EnrolmentRefusal.certificateExpired }
        return Shown(record: record, enrolment: enrolment)
    }

    /// A machine that shows its certificate, to renew it.
    /// - Throws: `EnrolmentRefusal`, and what is wrong with the request and its names.
    package func renewing(
        _ shown: Shown, _ request: MachineRenewalRequest, address: String?
    ) throws -> ProvenMachine {
        let record = shown.record
        guard record.role == request.role else { throw EnrolmentRefusal.certificateForOtherRole(request.role) }
        let csr = try CertificateSigningRequest(parsing: request.csr)
        let names = try names(of: csr)
        for (name, described) in zip(names, csr.requestedNames.described) where !record.names.contains(described) {
            throw EnrolmentRefusal.certificateForOtherName(name.text)
        }
        return ProvenMachine(
            role: record.role, csr: csr, names: names, proof: .certificate(record, enrolment: shown.enrolment),
            address: address.flatMap { IPAddress($0) })
    }

    /// In the order of `SubjectNames.described`. A token says of DNS names and addresses whom it is for, and of nothing else.
    private func names(of csr: CertificateSigningRequest) throws -> [HostName] {
        let asked = csr.requestedNames
        guard !asked.isEmpty, asked.emails.isEmpty, asked.uris.isEmpty else { throw EnrolmentRefusal.noName }
        return try asked.dns.map { try HostName($0.text) } + asked.ips.map { try HostName($0.description) }
    }
}

extension Store {
    /// The token of that text, if it is for this and has not expired; it may have been used.
    /// - Throws: `EnrolmentRefusal`
    func usableToken(
        _ text: String, for kind: EnrolmentToken.Kind, role: String, at now: Date
    ) async throws -> EnrolmentToken {
        guard let digest = EnrolmentToken.digest(ofText: text), let token = try await enrolmentToken(digest: digest) else {
            throw EnrolmentRefusal.tokenUnknown
        }
        guard now < token.expiresAt else { throw EnrolmentRefusal.tokenExpired }
        guard token.kind == kind else { throw EnrolmentRefusal.tokenForOtherKind }
        guard token.role == role else { throw EnrolmentRefusal.tokenForOtherRole(role) }
        return token
    }
}
