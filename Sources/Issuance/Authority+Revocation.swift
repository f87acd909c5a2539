// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import Policies

extension Authority {
    /// Records that a certificate must no longer count. Everybody may end their own; others need the capability.
    /// - Parameter kind: needed where CAs of several kinds issued this serial.
    /// - Returns: the record as it is from now on. A revoked session ends at once.
    package func revoke(
        serial: String, kind: CertificateRecord.Kind?, reason: String, by caller: Caller
    ) async throws -> CertificateRecord {
        try AuthorizationRequest.check(reason: reason)
        var record = try await certificate(serial: serial, kind: kind, for: caller)
        let now = clock.wholeSeconds
        guard record.revokedAt == nil else { throw AuthorityError.alreadyRevoked(serial: serial) }
        guard now < record.validBefore else { throw AuthorityError.alreadyExpired(serial: serial) }
        let event = AuditEvent(
            time: AuditTime(clock.now), type: .certificateRevoked, actor: .init(caller.identity, session: caller.session),
            request: .init(id: caller.requestID, reason: reason), policy: policies.current.set.digest,
            certificate: .init(kind: .init(record.kind), serial: record.serial, issuer: record.issuer))
        var entry = try CommitEntry(event: event)
        entry.preconditions =
            caller.preconditions + [.certificateIsNotRevoked(issuer: record.issuer, serial: record.serial)]
        entry.revocation = Revocation(issuer: record.issuer, serial: record.serial, time: now, reason: reason)
        if record.kind == .session { entry.endedSession = record.serial }
        do {
            try await commit(entry)
        } catch CommitRefusal.alreadyRevoked {
            throw AuthorityError.alreadyRevoked(serial: serial)
        }
        record.revokedAt = now
        record.revocationReason = reason
        return record
    }

    /// The certificate that is meant, if the caller may revoke it. What is not theirs is not found, unless they may see it.
    private func certificate(
        serial: String, kind: CertificateRecord.Kind?, for caller: Caller
    ) async throws -> CertificateRecord {
        var filter = CertificateFilter(limit: 10)
        filter.serial = serial
        filter.kind = kind
        let found = try await store.certificates(matching: filter)
        let own = found.filter { $0.provider == caller.identity.provider && $0.user == caller.identity.user }
        if own.isEmpty { try await requireCapability(.certificatesRevoke, of: caller) }
        // Who may end only their own means their own, whoever else has this serial.
        let meant = hasCapability(.certificatesRevoke, caller) ? found : own
        guard meant.count <= 1 else { throw AuthorityError.serialIsAmbiguous(kinds: meant.map(\.kind.rawValue)) }
        guard let record = meant.first else { throw AuthorityError.certificateNotFound(serial: serial) }
        return record
    }
}
