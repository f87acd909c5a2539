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

extension ProvenHost {
    /// What must still hold when the certificate is recorded.
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

    /// What is written together with its new certificate.
    func complete(_ entry: inout CommitEntry, with record: CertificateRecord, zones: [String]) {
        let reference = CertificateReference(issuer: record.issuer, serial: record.serial)
        entry.usedChallenge = request
        switch proof {
        case .token(let token):
            let host = HostRecord(
                name: name.text, role: role, zones: zones, publicKey: key.fingerprint, enrolledAt: record.issuedAt,
                token: token.id, certificate: reference, validBefore: record.validBefore)
            entry.hostChange = .enrolled(host, tokenDigest: token.digest)
        case .certificate:
            entry.hostChange = .renewed(name: name.text, zones: zones, reference, validBefore: record.validBefore)
        }
    }
}

/// Why a host does not get what it asks for, before any policy is asked.
package enum HostRefusal: Error, Equatable {
    case tokenUnknown
    case tokenExpired
    case tokenUsed
    case tokenForOtherHost(String)
    case tokenForOtherRole(String)
    /// A token for a pattern does not take over the name of another key.
    case nameTaken(String)
    case signatureInvalid
    /// Seconds by which the clock of the host is ahead of ours.
    case clockDiffers(Int)
    case requestRepeated
    case certificateInvalid(String)
    case certificateExpired
    case certificateRevoked
    case notEnrolled(String)
    case tooManyReports
}

extension HostRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tokenUnknown: "there is no such enrolment token"
        case .tokenExpired: "the enrolment token has expired"
        case .tokenUsed: "the enrolment token was used already"
        case .tokenForOtherHost(let host): "the enrolment token is not for `\(host)`"
        case .tokenForOtherRole(let role): "the enrolment token is not for role `\(role)`"
        case .nameTaken(let host): "`\(host)` is enrolled with another key"
        case .signatureInvalid: "the signature of the host key does not verify"
        case .clockDiffers(let seconds):
            "the clock of the host is \(abs(seconds)) seconds \(seconds > 0 ? "ahead of" : "behind") that of the server"
        case .requestRepeated: "this very request was answered before"
        case .certificateInvalid(let reason): "the host certificate is not one of this CA: \(reason)"
        case .certificateExpired: "the host certificate has expired"
        case .certificateRevoked: "the host certificate was revoked"
        case .notEnrolled(let host): "`\(host)` is not enrolled with this key"
        case .tooManyReports: "this host reports too often, or out of order"
        }
    }

    package var hint: String {
        switch self {
        case .tokenUnknown, .tokenExpired, .tokenUsed, .tokenForOtherHost, .tokenForOtherRole:
            "whoever may create tokens makes a new one with `mayfly token create`"
        case .nameTaken: "remove the old host with `mayfly host remove`, or make a token for exactly this name"
        case .signatureInvalid, .requestRepeated, .tooManyReports: "ask again"
        case .clockDiffers: "set the clock of the host"
        case .certificateInvalid, .certificateExpired, .certificateRevoked, .notEnrolled:
            "enrol the host again, with a token from `mayfly token create`"
        }
    }
}
