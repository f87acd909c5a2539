// SPDX-License-Identifier: Apache-2.0

package import Policies
package import SSHCertificates

/// A host that proved to hold its key, and to be entitled to its name by a token or by its current certificate.
package struct ProvenHost: Sendable {
    package let name: HostName
    package let key: SSHPublicKey
    package let role: String
    package let proof: Proof
    /// The request as a whole is taken once.
    package let request: UsedChallenge
    package let address: IPAddress?

    package enum Proof: Sendable {
        case token(EnrolmentToken)
        case certificate(CertificateReference)
    }

    package init(
        name: HostName, key: SSHPublicKey, role: String, proof: Proof, request: UsedChallenge, address: IPAddress?
    ) {
        self.name = name
        self.key = key
        self.role = role
        self.proof = proof
        self.request = request
        self.address = address
    }

    /// What policies call the provider of these identities.
    package static let provider = "hosts"

    /// Hosts have no user and no groups; rules for them name the provider, and may want claims.
    package var identity: Identity {
        var claims: [String: ClaimValue] = ["host": .string(name.text)]
        switch proof {
        case .token(let token):
            claims["proof"] = .string("token")
            claims["token"] = .string(token.id)
        case .certificate:
            claims["proof"] = .string("certificate")
            claims["token"] = .absent
        }
        return Identity(
            provider: Self.provider, groups: .known([]), claims: .known(claims), mfa: .known(false), address: address)
    }
}

extension ProvenHost: SelfProven {
    var enrolment: String? { nil }

    var preconditions: [Precondition] {
        let proven: [Precondition] =
            switch proof {
            case .token(let token):
                [
                    .tokenIsUsable(digest: token.digest),
                    .hostNameIsFree(name.text, orOf: key.fingerprint, orAny: token.namesOneHost),
                ]
            case .certificate(let certificate):
                [
                    .hostIsEnrolled(name.text, publicKey: key.fingerprint),
                    .certificateIsNotRevoked(issuer: certificate.issuer, serial: certificate.serial, orOnlyHeld: false),
                ]
            }
        return [.challengeIsUnused(nonce: request.nonce)] + proven
    }

    func complete(_ entry: inout CommitEntry, with record: CertificateRecord, under policies: PolicySet) {
        let zones = policies.zones(containing: name)
        let reference = CertificateReference(issuer: record.issuer, serial: record.serial)
        entry.usedChallenge = request
        switch proof {
        case .token(let token):
            let host = HostRecord(
                name: name.text, role: role, zones: zones, publicKey: key.fingerprint, enrolledAt: record.issuedAt,
                token: token.id, certificate: reference, validBefore: record.validBefore)
            entry.usedToken = UsedToken(digest: token.digest, certificate: reference)
            entry.hostChange = .enrolled(host)
        case .certificate:
            entry.hostChange = .renewed(name: name.text, zones: zones, reference, validBefore: record.validBefore)
        }
    }
}
