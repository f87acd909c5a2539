// SPDX-License-Identifier: Apache-2.0

package import AccessRequests
import AuditLog
import FoundationEssentials
import Policies

/// Finding cases, who may see them, and changing them so that nobody's change is lost.
extension Authority {
    private static let pageSize = 200
    private static let attempts = 50

    func accessCase(_ id: String) async throws -> AccessCase {
        guard AccessRequest.isID(id), let record = try await store.accessRecord(id: id) else {
            throw AccessError.notFound(id: id)
        }
        return try AccessCase(record)
    }

    /// What one may not see is not found.
    func accessCase(_ id: String, visibleTo caller: Caller, at moment: Moment) async throws -> AccessCase {
        let found = try await accessCase(id)
        guard maySee(found.history, caller, at: moment) else { throw AccessError.notFound(id: id) }
        return found
    }

    package func accessRequest(_ id: String, for caller: Caller) async throws -> AccessCase {
        try await accessCase(id, visibleTo: caller, at: Moment(policies: policies.current.set, clock: clock))
    }

    /// The same once it waits no longer, or after `time`.
    package func accessRequest(_ id: String, for caller: Caller, waiting time: Duration) async throws -> AccessCase {
        let end = ContinuousClock.now + time
        while true {
            let seen = accessChanges.value
            let found = try await accessRequest(id, for: caller)
            let left = end - ContinuousClock.now
            guard found.history.status(at: AuditTime(clock.now).date) == .pending, left > .zero, !Task.isCancelled else {
                return found
            }
            _ = await accessChanges.value(within: min(left, Self.longestUnseen)) { $0 != seen }
        }
    }

    /// What another server on this store decided, and what time alone did, nobody announces here.
    private static let longestUnseen = Duration.milliseconds(250)

    /// Newest first: those of the caller, those they may decide about, and for auditors all.
    /// - Returns: also where the next page begins, if there is one.
    package func accessRequests(
        onlyOwn: Bool, onlyOpen: Bool, before: Int?, for caller: Caller
    ) async throws -> (cases: [AccessCase], next: Int?) {
        let moment = Moment(policies: policies.current.set, clock: clock)
        var filter = AccessFilter(limit: Self.pageSize)
        if onlyOwn { filter.user = caller.identity.user ?? "" }
        if onlyOpen { filter.openAt = moment.instant }
        filter.before = before
        let records = try await store.accessRecords(matching: filter)
        var cases = try records.map { try AccessCase($0) }.filter { maySee($0.history, caller, at: moment) }
        if onlyOpen {
            // Rows know whole seconds; what ended within this one is told by its events.
            cases.removeAll { !$0.history.status(at: moment.instant).isOpen && $0.history.reviewDue == nil }
        }
        return (cases, records.count == Self.pageSize ? records.last?.number : nil)
    }

    /// Those of which something may still come, by their events and not by the whole seconds of their rows.
    func openCases(matching filter: AccessFilter, at moment: Moment) async throws -> [AccessCase] {
        var filter = filter
        filter.openAt = moment.instant
        return try await store.accessRecords(matching: filter).map { try AccessCase($0) }
            .filter { $0.history.status(at: moment.instant).isOpen }
    }

    /// Everything that was issued under a grant.
    package func certificates(ofGrant id: String) async throws -> [CertificateRecord] {
        var filter = CertificateFilter(limit: Self.mostCertificatesOfGrant)
        filter.grant = id
        return try await store.certificates(matching: filter)
    }

    /// Whose request, of those who approved this one, whoever asked for this one approved; in the order of the approvals, the
    /// newest first of each.
    package func mutualApprovals(of history: AccessHistory) async throws -> [MutualApproval] {
        var found: [MutualApproval] = []
        for approval in history.approvals {
            var filter = AccessFilter(limit: Self.pageSize)
            filter.user = approval.by.user
            // What was approved after that closes after it.
            filter.closesAfter = approval.at.addingTimeInterval(-MutualApproval.period - 1)
            found += try await histories(matching: filter).compactMap { history.mutualApproval(with: $0) }
        }
        return found
    }

    /// For each case the people whose approval would count now, or whose review, as far as they can be listed. What was taken as
    /// break-glass and is not used yet they can only take away.
    package func decidingPeople(on cases: [AccessCase]) async throws -> [[String]] {
        let moment = Moment(policies: policies.current.set, clock: clock)
        let audience = Audience(authority: self, people: try await knownPeople(at: moment), moment: moment)
        return cases.map { found in
            let history = found.history
            let status = history.status(at: moment.instant)
            guard history.request.review != nil else { return status == .pending ? audience.approvers(of: history) : [] }
            let isUnreviewed = history.reviewDue != nil || status.isOpen && history.claim == nil
            return isUnreviewed ? audience.reviewers(of: history) : []
        }
    }

    /// Everybody of the directory, and whoever logged in of late with an identity provider, as it described them then.
    func knownPeople(at moment: Moment) async throws -> [Identity] {
        let remembered = try await store.knownPeople(named: nil, at: moment.instant).compactMap { person in
            try? person.identity.identity(from: nil)
        }
        return directory.people + remembered.compactMap(directory.current)
    }

    private func maySee(_ history: AccessHistory, _ caller: Caller, at moment: Moment) -> Bool {
        history.request.requester.user == caller.identity.user && caller.identity.user != nil
            || mayTakeAway(history, caller, at: moment) || hasCapability(.auditRead, caller)
    }

    /// Saying no takes less than saying yes: whoever approved it, could have when it was asked, or could now; whoever reviews it,
    /// and whoever may revoke the certificates behind it.
    func mayTakeAway(_ history: AccessHistory, _ caller: Caller, at moment: Moment) -> Bool {
        let then = history.request.steps.compactMap { ApprovalStep($0.approvers) }
        let now = moment.policies.approval(ofRule: history.request.rule)?.steps ?? []
        return history.approvals.contains { $0.by.user == caller.identity.user }
            || (then + now).contains { moment.policies.isApprover(caller.identity, of: $0, at: moment.instant) }
            || isReviewer(of: history, caller.identity, at: moment) || hasCapability(.certificatesRevoke, caller)
    }

    /// The steps that somebody may approve under the rule as it is. None when the rule now wants other approvals.
    func steps(of history: AccessHistory, for identity: Identity, at moment: Moment) -> Set<Int> {
        guard let requirement = moment.policies.approval(ofRule: history.request.rule),
            history.request.change(to: requirement) == nil
        else { return [] }
        return Set(
            requirement.steps.indices.filter {
                moment.policies.isApprover(identity, of: requirement.steps[$0], at: moment.instant)
            })
    }

    /// Those whom the request names, also after its rule is gone, and those whom its rule names now.
    func isReviewer(of history: AccessHistory, _ identity: Identity, at moment: Moment) -> Bool {
        guard let review = history.request.review else { return false }
        let now = moment.policies.approval(ofRule: history.request.rule)?.review?.by
        return [Approvers(review.reviewers), now].compactMap(\.self)
            .contains { moment.policies.isOne(identity, of: $0, at: moment.instant) }
    }

    /// Writes the event that `decide` makes of the case, on exactly the case it saw: when another came first, it decides anew.
    func changing(
        _ id: String, by caller: Caller, _ decide: (AccessCase, Moment) throws -> AuditEvent
    ) async throws -> AccessCase {
        try await retrying {
            let moment = Moment(policies: policies.current.set, clock: clock)
            let found = try await accessCase(id, visibleTo: caller, at: moment)
            let event = try decide(found, moment)
            return try await write(event, to: found, by: caller, at: moment) ? try await accessCase(id) : nil
        }
    }

    /// Each attempt that fails is another's that succeeded.
    /// - Parameter attempt: nil: another was quicker.
    func retrying<Value>(_ attempt: () async throws -> Value?) async throws -> Value {
        for _ in 0..<Self.attempts {
            if let value = try await attempt() { return value }
        }
        throw AccessError.busy
    }

    /// - Returns: whether the case was still the one that was seen.
    func write(
        _ event: AuditEvent, to found: AccessCase, by caller: Caller, at moment: Moment
    ) async throws -> Bool {
        var entry = try CommitEntry(event: event)
        entry.preconditions = caller.preconditions + [found.isUnchanged()]
        try await add([(event, 0)], on: found, to: &entry, at: moment)
        return try await commitIfUnchanged(entry)
    }

    func commitIfUnchanged(_ entry: CommitEntry) async throws -> Bool {
        do {
            try await commit(entry)
            return true
        } catch CommitRefusal.accessChanged, CommitRefusal.alreadyRevoked {
            return false
        }
    }

    func event(
        _ type: AuditEvent.Kind, of found: AccessCase, by caller: Caller?, note: String? = nil, at moment: Moment
    ) -> AuditEvent {
        let request = found.history.request
        return AuditEvent(
            time: AuditTime(moment.instant), type: type,
            actor: caller.map { .init($0.identity, session: $0.session) },
            request: .init(id: caller?.requestID, role: request.role), policy: moment.policies.digest,
            access: .init(request: request.id, note: note))
    }
}
