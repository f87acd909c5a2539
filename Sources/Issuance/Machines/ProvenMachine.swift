// SPDX-License-Identifier: Apache-2.0

package import Policies
package import X509Certificates

/// A machine that is no SSH host: it proved to hold its key, and to be entitled to its names by a token or by its current
/// certificate.
package struct ProvenMachine: Sendable {
    package let role: String
    package let csr: CertificateSigningRequest
    /// What it asks for.
    package let names: [HostName]
    package let proof: Proof
    package let address: IPAddress?

    package enum Proof: Sendable {
        case token(EnrolmentToken)
        /// Of the very certificate that was shown.
        case certificate(CertificateRecord, enrolment: String)
    }

    package init(
        role: String, csr: CertificateSigningRequest, names: [HostName], proof: Proof, address: IPAddress?
    ) {
        self.role = role
        self.csr = csr
        self.names = names
        self.proof = proof
        self.address = address
    }

    /// What policies call the provider of these identities.
    package static let provider = "machines"

    /// Machines have no user and no groups; rules for them name the provider, and may want claims.
    package var identity: Identity {
        let names = names.map { ClaimValue.string($0.text) }
        let claims: [String: ClaimValue] = [
            "name": names.count == 1 ? names[0] : .list(names), "token": .string(enrolmentID),
            "proof": .string(isEnrolling ? "token" : "certificate"),
        ]
        return Identity(
            provider: Self.provider, groups: .known([]), claims: .known(claims), mfa: .known(false), address: address)
    }

    /// Of the token that it enrols with, or enrolled with.
    package var enrolmentID: String {
        switch proof {
        case .token(let token): token.id
        case .certificate(_, let enrolment): enrolment
        }
    }

    private var isEnrolling: Bool {
        if case .token = proof { true } else { false }
    }
}

extension ProvenMachine: SelfProven {
    var enrolment: String? { enrolmentID }

    var preconditions: [Precondition] {
        switch proof {
        case .token(let token): [.tokenIsUsable(digest: token.digest)]
        case .certificate(let record, let enrolment):
            [
                .certificateIsNotRevoked(issuer: record.issuer, serial: record.serial, orOnlyHeld: false),
                .enrolmentIsOpen(enrolment),
                // Whoever renewed for another key has that key; the old one must not live on beside it.
                .enrolmentKeyIsAmong(enrolment, [record.publicKey, csr.publicKey.fingerprint]),
            ]
        }
    }

    func complete(_ entry: inout CommitEntry, with record: CertificateRecord, under policies: PolicySet) {
        guard case .token(let token) = proof else { return }
        entry.usedToken = UsedToken(
            digest: token.digest, certificate: CertificateReference(issuer: record.issuer, serial: record.serial))
    }
}
