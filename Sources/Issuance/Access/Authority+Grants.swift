// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import FoundationEssentials
import Policies

/// Ending a grant before its time. In one transaction with it go its certificates, and what goes on from it with theirs:
/// what was ended gives nothing, and nothing it gave still counts.
extension Authority {
    /// Its holder is done.
    package func endGrant(_ id: String, by caller: Caller) async throws -> AccessCase {
        try await retrying {
            let moment = Moment(policies: policies.current.set, clock: clock)
            let found = try await accessCase(id, visibleTo: caller, at: moment)
            guard let person = Person(caller) else { throw AuthorityError.personNoLongerKnown }
            try refusing { () throws(AccessRefusal) in try found.history.checkEnd(by: person, at: moment.instant) }
            let isDone = try await close(found, as: .accessEnded, note: nil, by: caller, at: moment)
            return isDone ? try await accessCase(id) : nil
        }
    }

    /// More than a grant gives, and more extensions than anybody has.
    private static let mostRecords = 10 * mostCertificatesOfGrant

    /// - Parameters:
    ///   - lost: whose approvals no longer count.
    ///   - caller: nil: the authority itself.
    /// - Returns: whether the case was still the one that was seen; else nothing was done.
    func close(
        _ found: AccessCase, as type: AuditEvent.Kind, note: String?, lost: [String]? = nil, by caller: Caller?,
        at moment: Moment
    ) async throws -> Bool {
        var closing = Closing(authority: self, caller: caller, moment: moment)
        try await closing.add(found, as: type, note: note, lost: lost)
        for later in try await extensions(of: found.history.request.id, at: moment) {
            try await closing.add(later, as: type, note: note)
        }
        return try await commitIfUnchanged(try await closing.entry())
    }

    /// What goes on from a grant and is not over, at any distance.
    private func extensions(of id: String, at moment: Moment) async throws -> [AccessCase] {
        var found: [AccessCase] = []
        var ids = [id]
        while let next = ids.popLast() {
            var filter = AccessFilter(limit: Self.mostRecords)
            filter.extends = next
            for record in try await store.accessRecords(matching: filter) {
                ids.append(record.summary.id)
                let later = try AccessCase(record)
                if later.history.status(at: moment.instant).isOpen { found.append(later) }
            }
        }
        return found
    }

    /// One act, grown case by case.
    private struct Closing {
        let authority: Authority
        let caller: Caller?
        let moment: Moment
        private var events: [AuditEvent] = []
        private var preconditions: [Precondition] = []
        private var changes: [(found: AccessCase, event: AuditEvent, place: Int)] = []
        private var revocations: [Revocation] = []

        init(authority: Authority, caller: Caller?, moment: Moment) {
            (self.authority, self.caller, self.moment) = (authority, caller, moment)
        }

        mutating func add(
            _ found: AccessCase, as type: AuditEvent.Kind, note: String?, lost: [String]? = nil
        ) async throws {
            let history = found.history
            let type = history.status(at: moment.instant) == .active || type == .accessRevoked ? type : .accessCancelled
            let isPending = history.status(at: moment.instant) == .pending
            var event = authority.event(
                isPending ? .accessCancelled : type, of: found, by: caller, note: note, at: moment)
            event.access?.lost = lost
            preconditions.append(found.isUnchanged(alone: true))
            changes.append((found, event, events.count))
            events.append(event)
            var filter = CertificateFilter(limit: Authority.mostRecords)
            filter.grant = history.request.id
            filter.revocableAt = moment.now
            let reason = "grant \(history.request.id) was \(type == .accessRevoked ? "revoked" : "ended")"
            for certificate in try await authority.store.certificates(matching: filter) {
                revocations.append(
                    Revocation(issuer: certificate.issuer, serial: certificate.serial, time: moment.now, reason: reason))
                preconditions.append(
                    .certificateIsNotRevoked(issuer: certificate.issuer, serial: certificate.serial, orOnlyHeld: true))
                events.append(
                    AuditEvent(
                        time: AuditTime(moment.instant), type: .certificateRevoked,
                        actor: caller.map { .init($0.identity, session: $0.session) },
                        request: .init(id: caller?.requestID, reason: reason), policy: moment.policies.digest,
                        certificate: .init(
                            kind: .init(certificate.kind), serial: certificate.serial, issuer: certificate.issuer),
                        access: .init(request: history.request.id)))
            }
        }

        func entry() async throws -> CommitEntry {
            var entry = try CommitEntry(events: events)
            entry.preconditions = (caller?.preconditions ?? []) + preconditions
            for change in changes {
                try await authority.add([(change.event, change.place)], on: change.found, to: &entry, at: moment)
            }
            entry.revocations = revocations
            return entry
        }
    }
}
