// SPDX-License-Identifier: Apache-2.0

import AuditLog
package import FoundationEssentials

/// The way back from a clock that ran ahead and left an event with its time: nothing is issued before that time comes
/// again, unless somebody at the machine says that the event was wrong and the clock is right.
///
/// What was done by the wrong clock is undone with it, in one transaction: all sessions end, for nobody knows which of
/// them count as used in the future, and certificates that begin to be valid only later are revoked. Serials go on.
package struct ClockRecovery: Sendable {
    private let store: any Store
    private let clock: any WallClock

    private static let reason = "issued while the clock was ahead"

    package struct Outcome: Sendable {
        package let from: Date
        package let to: Date
        package let revoked: Int
    }

    package init(store: any Store, clock: any WallClock) {
        self.store = store
        self.clock = clock
    }

    /// The last event of the log, where it keeps anything from being issued.
    package func obstacle() async throws -> Date? {
        guard let last = try await store.lastEventTime() else { return nil }
        return clock.now < last.addingTimeInterval(-clockTolerance) ? last : nil
    }

    /// - Parameters:
    ///   - lastEvent: what `obstacle()` said, so that what was looked at is what is accepted.
    ///   - user: who says so, as the operating system knows them.
    /// - Throws: `CommitRefusal.clockWentBack` when that is no longer the last event.
    package func accept(lastEvent: Date, by user: String) async throws -> Outcome {
        let now = clock.now
        let actor = AuditEvent.Actor(provider: "console", user: user)
        var acceptance = try CommitEntry(
            event: AuditEvent(
                time: AuditTime(now), type: .clockAccepted, actor: actor,
                clock: .init(from: AuditTime(lastEvent), to: AuditTime(now)),
                message: "the last event is of a wrong clock; all sessions have ended"))
        acceptance.acceptedClock = lastEvent
        let revocations = try await certificatesIssued(after: now).map { try Self.revocation(of: $0, at: now, by: actor) }
        for case .refused(let refusal) in try await store.commit([acceptance] + revocations) { throw refusal }
        return Outcome(from: lastEvent, to: now, revoked: revocations.count)
    }

    /// By the jump the newest of all: what is issued is refused since the clock was set back.
    private func certificatesIssued(after now: Date) async throws -> [CertificateRecord] {
        var filter = CertificateFilter(limit: 500)
        var found: [CertificateRecord] = []
        while true {
            let page = try await store.certificates(matching: filter)
            let later = page.filter { $0.issuedAt > now }
            found += later.filter { $0.revokedAt == nil }
            guard later.count == page.count, page.count == filter.limit else { return found }
            filter.before = page.last?.number
        }
    }

    private static func revocation(
        of record: CertificateRecord, at now: Date, by actor: AuditEvent.Actor
    ) throws -> CommitEntry {
        var entry = try CommitEntry(
            event: AuditEvent(
                time: AuditTime(now), type: .certificateRevoked, actor: actor, request: .init(reason: reason),
                certificate: .init(kind: .init(record.kind), serial: record.serial, issuer: record.issuer)))
        let time = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
        entry.revocations = [Revocation(issuer: record.issuer, serial: record.serial, time: time, reason: reason)]
        return entry
    }
}
