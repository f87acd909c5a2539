// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import FoundationEssentials
import Policies
import X509Certificates

/// Asking, looking and withdrawing.
extension Authority {
    /// More would be noise to those who approve.
    private static let mostOpenRequests = 20
    private static let mostDaysAhead = 7

    /// Asks others to agree. The rule that wants the approval is chosen now, and stays.
    /// - Throws: `DeniedError` when no rule would give it, after the refusal is in the log.
    package func requestAccess(_ question: AccessQuestion, for caller: Caller) async throws -> AccessCase {
        let moment = Moment(policies: policies.current.set, clock: clock)
        try check(question, at: moment)
        return try await ask(question, for: caller, at: moment, extending: nil)
    }

    /// Asks for more time after a grant that is in use: a request of its own, for the same, from that grant's end.
    package func requestExtension(
        of id: String, duration: Duration?, reason: String?, for caller: Caller
    ) async throws -> AccessCase {
        try await retrying {
            do {
                return try await extend(id, duration: duration, reason: reason, for: caller)
            } catch AccessError.busy {
                // It was ended, or extended.
                return nil
            }
        }
    }

    private func extend(
        _ id: String, duration: Duration?, reason: String?, for caller: Caller
    ) async throws -> AccessCase {
        let moment = Moment(policies: policies.current.set, clock: clock)
        let found = try await accessCase(id, visibleTo: caller, at: moment)
        let (history, request) = (found.history, found.history.request)
        guard request.requester.user == caller.identity.user else { throw AccessError.refused(.notTheRequester) }
        guard let claim = history.claim, history.status(at: moment.instant) == .active else {
            throw AccessError.notExtendable(history.status(at: moment.instant))
        }
        var filter = AccessFilter(limit: Self.mostOpenRequests)
        filter.extends = id
        if let other = try await openCases(matching: filter, at: moment).first {
            throw AccessError.alreadyExtended(by: other.record.summary.id)
        }
        var subject = try request.subject
        if case .ssh(let logins, nil) = subject, let host = history.host {
            subject = .ssh(logins: logins, host: try HostName(host))
        }
        let question = AccessQuestion(
            role: request.role, subject: subject, duration: duration, reason: reason ?? request.reason,
            ticket: request.ticket, starts: claim.until, isBreakGlass: request.review != nil)
        return try await ask(question, for: caller, at: moment, extending: found)
    }

    private func check(_ question: AccessQuestion, at moment: Moment) throws(AccessError) {
        guard let starts = question.starts else { return }
        guard starts >= moment.now else { throw .startInThePast }
        guard starts <= moment.now.addingTimeInterval(Double(Self.mostDaysAhead) * 86_400) else {
            throw .startTooLate(days: Self.mostDaysAhead)
        }
    }

    private func ask(
        _ question: AccessQuestion, for caller: Caller, at moment: Moment, extending earlier: AccessCase?
    ) async throws -> AccessCase {
        guard let person = Person(caller) else { throw AuthorityError.personNoLongerKnown }
        let asked = try AuthorizationRequest(
            role: question.role, what: question.subject, lifetime: question.duration, reason: question.reason,
            ticket: question.ticket, route: question.isBreakGlass ? .breakGlass : .request,
            rule: earlier?.history.request.rule)
        let offer: ApprovalOffer
        switch moment.policies.decide(caller.identity, asked, at: moment.now) {
        case .deny(let denial):
            try await record(refusal: denial, of: question, caller, moment)
            throw DeniedError(
                denial: denial,
                explanation: moment.policies.explain(
                    .deny(denial), of: .role(question.role), for: caller.identity, reason: question.reason,
                    ticket: question.ticket,
                    at: moment.now))
        case .allow(let permit): throw AccessError.notNeeded(rule: permit.rule.id)
        case .needsApproval(let found): offer = found
        }
        guard offer.approval.isBreakGlass == question.isBreakGlass else {
            throw AccessError.onlyBreakGlass(rule: offer.rule.id)
        }
        if let overdue = try await overdueReview(against: offer, for: person.user, at: moment) { throw overdue }
        // Those that wait for their review alone are among them, so there can be more.
        var open = AccessFilter(limit: 10 * Self.mostOpenRequests)
        open.user = person.user
        guard try await openCases(matching: open, at: moment).count < Self.mostOpenRequests else {
            throw AccessError.tooManyOpen(limit: Self.mostOpenRequests)
        }

        let chain = try earlier.map { try GrantChain(extending: $0.history, offer) }
        let event = try event(asking: question, offer, caller, moment, chain)
        let document = try event.canonicalBytes
        var history = AccessHistory(try AccessRequest(document: document))
        var events = [event]
        if offer.approval.isAutomatic {
            let approved = self.event(approving: history.request, by: offer.rule.id, at: moment)
            if let happened = try AccessEvent(approved) { history.apply(happened) }
            events.append(approved)
        }
        var entry = try CommitEntry(events: events)
        entry.preconditions = caller.preconditions + [.accessIsAt(id: history.request.id, version: 0, issued: nil)]
        entry.access = [AccessChange(summary: AccessSummary(history), events: Array(events.indices))]
        if let earlier {
            // It is an event of that grant too: so nobody ends it, or extends it, without seeing this.
            entry.preconditions.append(earlier.isUnchanged())
            entry.access.append(try earlier.change(by: [(event, 0)]))
        }
        entry.notifications = try await notices(of: event, before: nil, after: history, at: moment)
        do {
            try await commit(entry)
        } catch CommitRefusal.accessChanged {
            throw AccessError.busy
        }
        return try await accessCase(history.request.id)
    }

    /// Nobody breaks the glass again before somebody looked at why it was broken the last time. An overdue review holds up its
    /// rule, every rule whose review names somebody whom it names, and whoever broke the glass.
    /// - Returns: nil where nothing is overdue that concerns this, or it is no break-glass.
    func overdueReview(against offer: ApprovalOffer, for user: String, at moment: Moment) async throws -> AccessError? {
        guard let review = offer.approval.review else { return nil }
        var filter = AccessFilter(limit: 10 * Self.mostOpenRequests)
        // Rows know whole seconds.
        filter.reviewDueBefore = moment.instant + 1
        for record in try await accessRecords(matching: filter) {
            let history = try AccessCase(record).history
            guard let due = history.reviewDue, due <= moment.instant, let owed = history.request.review else { continue }
            // Of words that cannot be read anybody may be meant.
            let isTheirs = Approvers(owed.reviewers)?.sharesName(with: review.by) ?? true
            if isTheirs || history.request.rule == offer.rule.id || history.request.requester.user == user {
                return .reviewOverdue(id: history.request.id, reviewers: owed.reviewers)
            }
        }
        return nil
    }

    /// In the transaction of the request: what a rule approves by itself is never seen waiting.
    private func event(approving request: AccessRequest, by rule: String, at moment: Moment) -> AuditEvent {
        var event = AuditEvent(
            time: AuditTime(moment.instant), type: .accessApproved, request: .init(role: request.role),
            policy: moment.policies.digest, access: .init(request: request.id))
        event.access?.rule = rule
        return event
    }

    private func event(
        asking question: AccessQuestion, _ offer: ApprovalOffer, _ caller: Caller, _ moment: Moment, _ chain: GrantChain?
    ) throws -> AuditEvent {
        var access = AuditEvent.Access()
        access.approvers = offer.approval.recorded.map(\.approvers)
        access.counts = offer.approval.recorded.map(\.count)
        if offer.approval.isAutomatic { access.rule = offer.rule.id }
        access.signed = offer.approval.signature?.rawValue
        if offer.approval.recheck != .keep { access.recheck = offer.approval.recheck.rawValue }
        access.reviewers = offer.approval.review?.by.description
        access.reviewWithin = offer.approval.review.map { Int($0.within.components.seconds) }
        access.wait = Int(offer.approval.wait.components.seconds)
        access.claimWithin = Int(offer.approval.claimWithin.components.seconds)
        let duration = Int(min(question.duration ?? offer.approval.grant, offer.approval.grant).components.seconds)
        access.duration = min(duration, chain?.left ?? duration)
        access.starts = question.starts.map { AuditTime($0) }
        access.extends = chain?.last
        access.since = chain.map { AuditTime($0.since) }
        access.until = chain.map { AuditTime($0.latest) }
        let rights = moment.policies.rights(of: offer.subject, role: offer.role)
        access.rights = rights.rights
        access.restrictions = rights.restrictions
        return AuditEvent(
            time: AuditTime(moment.instant), type: .accessRequested,
            actor: .init(caller.identity, session: caller.session), request: try .init(question, id: caller.requestID),
            policy: moment.policies.digest, decision: .init(result: .approvalNeeded, rule: offer.rule.id), access: access)
    }

    private func record(
        refusal denial: Denial, of question: AccessQuestion, _ caller: Caller, _ moment: Moment
    ) async throws {
        let event = AuditEvent(
            time: AuditTime(moment.instant), type: .certificateDenied,
            actor: .init(caller.identity, session: caller.session), request: try .init(question, id: caller.requestID),
            policy: moment.policies.digest,
            decision: .init(result: .deny, rule: denial.denyRules.first?.id, reasons: denial.sentences))
        try await commit(try CommitEntry(event: event))
    }

    /// Withdraws a request that is not in use yet.
    package func cancelAccess(_ id: String, by caller: Caller) async throws -> AccessCase {
        try await changing(id, by: caller) { found, moment in
            guard let person = Person(caller) else { throw AuthorityError.personNoLongerKnown }
            try refusing { () throws(AccessRefusal) in try found.history.checkCancellation(by: person, at: moment.instant) }
            return self.event(.accessCancelled, of: found, by: caller, at: moment)
        }
    }
}

extension AuditEvent.Request {
    init(_ question: AccessQuestion, id: String) throws {
        self.init(
            id: id, role: question.role, kind: AuditEvent.CertificateKind(question.subject),
            lifetime: question.duration.map { Int($0.components.seconds) }, reason: question.reason, ticket: question.ticket)
        if question.isBreakGlass { route = AuthorizationRequest.Route.breakGlass.rawValue }
        switch question.subject {
        case .ssh(let logins, let host): (self.logins, self.host) = (logins, host?.text)
        case .sshHost(let host): self.host = host.text
        case .x509(let names): self.names = try names.map { try SubjectNames($0).described }
        }
    }
}
