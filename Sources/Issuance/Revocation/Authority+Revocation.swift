// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import Policies

extension Authority {
    /// Ends certificates before their time. Everybody may end their own; the rest needs the capability. Each has an event of
    /// its own in the log.
    /// - Returns: them as they are from now on. A revoked session ends at once.
    package func revoke(_ order: RevocationOrder, by caller: Caller) async throws -> RevocationOutcome {
        try AuthorizationRequest.check(reason: order.reason)
        var outcome = RevocationOutcome()
        switch order.selection {
        case .serial(let serial, let kind):
            let record = try await certificate(serial: serial, kind: kind, for: caller)
            guard record.revokedAt == nil || record.mayBecomeRevoked(for: order.cause) else {
                throw AuthorityError.alreadyRevoked(serial: serial)
            }
            guard clock.wholeSeconds < record.validBefore else { throw AuthorityError.alreadyExpired(serial: serial) }
            guard let revoked = try await revoke(record, order, by: caller) else {
                throw AuthorityError.alreadyRevoked(serial: serial)
            }
            outcome.add(revoked.record, event: revoked.event)
        case .matching(let match):
            guard !match.isEverything else { throw AuthorityError.nothingSelected }
            if match.user == nil || match.user != caller.identity.user {
                try await requireCapability(.certificatesRevoke, of: caller)
            }
            // Sessions first: from then on nobody who is hit gets a new certificate. The caller's own is the last of all,
            // because it is what this is done with.
            for kinds in [[CertificateRecord.Kind.session], [.ssh, .sshHost, .x509]] {
                for kind in kinds where match.kind ?? kind == kind {
                    var match = match
                    match.kind = kind
                    try await revokeAll(match, order, by: caller, into: &outcome)
                    // With the first of them the enrolment has ended; what was renewed until then is found now.
                    guard match.enrolment != nil, !order.isRehearsal else { continue }
                    try await revokeAll(match, order, by: caller, into: &outcome)
                }
            }
            if match.kind ?? .session == .session { try await revokeOwnSession(match, order, by: caller, into: &outcome) }
        }
        return outcome
    }

    /// Takes a hold back. Nothing else can be taken back.
    package func release(
        serial: String, kind: CertificateRecord.Kind?, reason: String, by caller: Caller
    ) async throws -> CertificateRecord {
        try AuthorizationRequest.check(reason: reason)
        try await requireCapability(.certificatesRevoke, of: caller)
        var record = try await certificate(serial: serial, kind: kind, for: caller)
        guard record.revocationCause == .certificateHold else { throw AuthorityError.notHeld(serial: serial) }
        guard clock.now < record.validBefore else { throw AuthorityError.alreadyExpired(serial: serial) }
        var entry = try CommitEntry(event: event(.certificateReleased, record, cause: nil, reason: reason, by: caller))
        entry.preconditions =
            caller.preconditions + [.certificateIsHeld(issuer: record.issuer, serial: record.serial)]
        entry.release = Release(issuer: record.issuer, serial: record.serial)
        do {
            try await commit(entry)
        } catch CommitRefusal.notHeld {
            throw AuthorityError.notHeld(serial: serial)
        }
        record.revokedAt = nil
        record.revocationCause = nil
        record.revocationReason = nil
        return record
    }

    /// How many are read, and revoked beside each other so that they share transactions.
    private static let pageSize = 256

    private func revokeAll(
        _ match: RevocationMatch, _ order: RevocationOrder, by caller: Caller, into outcome: inout RevocationOutcome
    ) async throws {
        var filter = match.filter(revocableAt: clock.wholeSeconds, limit: Self.pageSize)
        repeat {
            let page = try await store.certificates(matching: filter)
            let meant = page.filter {
                $0.serial != caller.session && ($0.revokedAt == nil || $0.mayBecomeRevoked(for: order.cause))
            }
            let revoked = try await withThrowingTaskGroup { group in
                for record in meant { group.addTask { try await revoke(record, order, by: caller) } }
                var revoked: [(record: CertificateRecord, event: UInt64?)] = []
                for try await one in group { if let one { revoked.append(one) } }
                return revoked
            }
            for one in revoked.sorted(by: { $0.record.number > $1.record.number }) { outcome.add(one.record, event: one.event) }
            filter.before = page.last?.number
        } while filter.before != nil
    }

    private func revokeOwnSession(
        _ match: RevocationMatch, _ order: RevocationOrder, by caller: Caller, into outcome: inout RevocationOutcome
    ) async throws {
        var filter = match.filter(revocableAt: clock.wholeSeconds, limit: 1)
        filter.kind = .session
        filter.serial = caller.session
        guard let own = try await store.certificates(matching: filter).first else { return }
        if let revoked = try await revoke(own, order, by: caller) { outcome.add(revoked.record, event: revoked.event) }
    }

    /// - Returns: nil where somebody else was faster.
    private func revoke(
        _ record: CertificateRecord, _ order: RevocationOrder, by caller: Caller
    ) async throws -> (record: CertificateRecord, event: UInt64?)? {
        guard !order.isRehearsal else { return (record, nil) }
        let now = clock.wholeSeconds
        var entry = try CommitEntry(
            event: event(.certificateRevoked, record, cause: order.cause, reason: order.reason, by: caller))
        entry.preconditions =
            caller.preconditions + [
                .certificateIsNotRevoked(
                    issuer: record.issuer, serial: record.serial, orOnlyHeld: order.cause != .certificateHold)
            ]
        entry.revocations = [
            Revocation(issuer: record.issuer, serial: record.serial, time: now, cause: order.cause, reason: order.reason)
        ]
        if record.kind == .session { entry.endedSessions = [record.serial] }
        let event: UInt64
        do {
            event = try await commit(entry)
        } catch CommitRefusal.alreadyRevoked {
            return nil
        }
        var revoked = record
        revoked.revokedAt = now
        revoked.revocationCause = order.cause
        revoked.revocationReason = order.reason
        return (revoked, event)
    }

    private func event(
        _ type: AuditEvent.Kind, _ record: CertificateRecord, cause: RevocationCause?, reason: String, by caller: Caller
    ) -> AuditEvent {
        AuditEvent(
            time: AuditTime(clock.now), type: type, actor: .init(caller.identity, session: caller.session),
            request: .init(id: caller.requestID, cause: cause?.rawValue, reason: reason),
            policy: policies.current.set.digest,
            certificate: .init(kind: .init(record.kind), serial: record.serial, issuer: record.issuer))
    }

    /// The certificate that is meant, if the caller may revoke it. What is not theirs is not found, unless they may see it.
    private func certificate(
        serial: String, kind: CertificateRecord.Kind?, for caller: Caller
    ) async throws -> CertificateRecord {
        var filter = CertificateFilter(limit: 10)
        filter.serial = serial
        filter.kind = kind
        let found = try await store.certificates(matching: filter)
        // Workloads have no name, and so nothing that is theirs.
        let own = found.filter {
            $0.user != nil && $0.provider == caller.identity.provider && $0.user == caller.identity.user
        }
        if own.isEmpty { try await requireCapability(.certificatesRevoke, of: caller) }
        // Who may end only their own means their own, whoever else has this serial.
        let meant = hasCapability(.certificatesRevoke, caller) ? found : own
        guard meant.count <= 1 else { throw AuthorityError.serialIsAmbiguous(kinds: meant.map(\.kind.rawValue)) }
        guard let record = meant.first else { throw AuthorityError.certificateNotFound(serial: serial) }
        return record
    }
}

extension CertificateRecord {
    /// A hold can become a revocation.
    fileprivate func mayBecomeRevoked(for cause: RevocationCause) -> Bool {
        revocationCause == .certificateHold && cause != .certificateHold
    }
}
