// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import X509Certificates

/// Machines that look after themselves, as hosts do: a token makes one enrol, its certificate lets it renew, a revocation ends
/// that.
extension Authority {
    /// Issuing CAs whose certificates let a machine renew: by all that ever signed and were not revoked.
    package var machineCAs: [IssuerCertificate] { keys.current.workloads.trusted }

    /// Those that enrolled and have a certificate, or had one within a month; in the order of the ids of their enrolments.
    package func machines(after enrolment: String?, limit: Int) async throws -> [MachineRecord] {
        try await store.machines(
            after: enrolment, endingAfter: clock.now.addingTimeInterval(-MachineRecord.remembered), limit: limit)
    }

    /// A certificate for a machine that enrols or renews, if the policy gives it one today.
    package func issueMachineCertificate(
        to machine: ProvenMachine, lifetime: Duration?, reason: String?, ticket: String?, requestID: String,
        idempotencyKey: IdempotencyKey?
    ) async throws -> IssuanceOutcome {
        if case .token(let token) = machine.proof, let use = token.use { return try await reply(to: machine, again: use) }
        let request = try IssuanceRequest(
            role: machine.role, subject: .x509(machine.csr), lifetime: lifetime, reason: reason, ticket: ticket)
        do {
            return try await issue(
                request, for: Caller(machine, requestID: requestID, idempotencyKey: idempotencyKey))
        } catch let refusal as CommitRefusal {
            switch refusal {
            case .tokenNotUsable:
                // Another request was first. Where it was this machine's own, whose reply was lost, its certificate is the answer.
                guard case .token(let token) = machine.proof,
                    let use = try await store.enrolmentToken(digest: token.digest)?.use
                else { throw EnrolmentRefusal.tokenExpired }
                return try await reply(to: machine, again: use)
            case .alreadyRevoked: throw EnrolmentRefusal.certificateRevoked
            case .enrolmentEnded: throw EnrolmentRefusal.enrolmentEnded
            case .enrolmentKeyReplaced: throw EnrolmentRefusal.keyReplaced
            default: throw refusal
            }
        }
    }

    /// What a token gave to the same key and names before, as long as that would still be accepted.
    private func reply(to machine: ProvenMachine, again use: CertificateReference) async throws -> IssuanceOutcome {
        guard let record = try await store.certificate(issuer: use.issuer, serial: use.serial),
            record.publicKey == machine.csr.publicKey.fingerprint, record.revokedAt == nil, clock.now < record.validBefore,
            Set(record.names).isSuperset(of: machine.csr.requestedNames.described)
        else { throw EnrolmentRefusal.tokenUsed }
        return .issued(record, narrowed: [])
    }
}
