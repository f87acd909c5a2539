// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import FoundationEssentials
import Policies

/// The issuance cycle, step by step as in `docs/issuance-cycle.md`. Steps 1 to 3 are behind us: limits were kept, the
/// caller is authenticated, the request holds values that are valid by type.
extension Authority {
    package func issue(_ request: IssuanceRequest, for caller: Caller) async throws -> IssuanceOutcome {
        try await retrying {
            do {
                return try await attempt(request, for: caller)
            } catch CommitRefusal.accessChanged, CommitRefusal.caKeyNotActive {
                // Another change of the same grant came first, or of the key that signs.
                return nil
            }
        }
    }

    private func attempt(_ request: IssuanceRequest, for caller: Caller) async throws -> IssuanceOutcome {
        // Step 11 comes first: a repeated call is answered, not decided again.
        if let earlier = try await earlierReply(to: caller.idempotencyKey, of: caller.name) { return .issued(earlier) }

        // Step 4: one snapshot of policy and time for everything that follows.
        let moment = Moment(policies: policies.current.set, clock: clock)

        // Step 5: the decision.
        let ruling: Ruling
        switch try await rule(on: request, from: caller, at: moment) {
        case .issue(let found): ruling = found
        case .answer(let outcome): return outcome
        }
        let (question, permit, grant) = (ruling.question, ruling.permit, ruling.grant)
        if grant != nil, case .x509(let subject) = permit.subject, subject.saysNoRevocation {
            throw AuthorityError.lintFailed("a certificate under a grant could not be revoked")
        }

        // Step 6: limits only narrow, and the reply says which did.
        let limits = try Limits(
            permit, grant: grant, ceilings: ceilings, issuer: workloads.authority.certificate, at: moment.now)

        // Steps 7 and 8: build, lint the final bytes, sign once.
        let draft = try await draft(request, ruling, limits, for: caller, at: moment)
        let certificate = try await draft.approved().sign()

        // Step 9: one transaction decides again whether it still may be, and writes record and event.
        var record = draft.record(of: certificate, permit, grant: grant?.id, caller, moment)
        record.enrolment = caller.proven?.enrolment
        var event = AuditEvent(
            time: AuditTime(clock.now), type: .certificateIssued, actor: .init(caller.identity, session: caller.session),
            request: .init(question, of: request, id: caller.requestID), policy: moment.policies.digest,
            decision: .init(result: .allow, rule: permit.rule.id))
        if !limits.narrowed.isEmpty { event.decision?.narrowed = limits.narrowed }
        event.certificate = .init(record, keyID: draft.keyID, options: draft.options)
        var entry = try await entry(for: &event, under: grant, caller, moment)
        if let key = caller.idempotencyKey {
            // Before the caller's own: of two calls with one token and one key, the second is answered, not refused.
            entry.preconditions.append(.idempotencyKeyIsFree(key, identity: caller.name))
            entry.reply = NewReply(
                identity: caller.name, key: key, narrowed: limits.narrowed, expires: record.validBefore)
        }
        entry.preconditions += caller.preconditions + [.caKeyIsActive(record.issuer)]
        entry.usedChallenge = caller.token
        entry.certificate = record
        caller.proven?.complete(&entry, with: record, under: moment.policies)
        do {
            try await commit(entry)
        } catch CommitRefusal.idempotencyKeyTaken {
            // The same call came twice at once; the other was first, and its certificate is the answer.
            guard let earlier = try await earlierReply(to: caller.idempotencyKey, of: caller.name) else {
                throw CommitRefusal.idempotencyKeyTaken
            }
            return .issued(earlier)
        }

        // Step 10: only now does the certificate leave.
        return .issued(record, narrowed: limits.narrowed)
    }

    private enum Ruled {
        case issue(Ruling)
        case answer(IssuanceOutcome)
    }

    /// Step 5: by a rule alone where one gives it at once, else by a grant that others approved.
    private func rule(on request: IssuanceRequest, from caller: Caller, at moment: Moment) async throws -> Ruled {
        let asked = try question(for: request, from: caller, at: moment)
        let decision: Decision =
            switch asked {
            case .denied(let denial): .deny(denial)
            case .asked(let question): moment.policies.decide(caller.identity, question, at: moment.now)
            }
        if case .allow(let permit) = decision, case .asked(let question) = asked, request.grant == nil {
            return .issue(Ruling(question: question, permit: permit))
        }
        let reasons: [String]
        switch try await granted(request, to: caller, at: moment) {
        case .found(let ruling): return .issue(ruling)
        case .none(let why): reasons = why
        }
        switch (decision, asked) {
        case (.needsApproval(let offer), .asked(let question)):
            return .answer(try await hold(request, offer, grants: reasons, asking: question, from: caller, at: moment))
        case (.deny(let denial), .asked(let question)):
            return .answer(try await refuse(request, denial, grants: reasons, asking: question, from: caller, at: moment))
        case (_, .denied(let denial)):
            return .answer(try await refuse(request, denial, grants: reasons, asking: nil, from: caller, at: moment))
        case (.allow, _): throw AccessError.grantUnusable(reasons.joined(separator: "; "))
        }
    }

    /// Step 9 under a grant: the entry holds only while the grant stands as it did; the first certificate claims it.
    private func entry(
        for event: inout AuditEvent, under grant: GrantUse?, _ caller: Caller, _ moment: Moment
    ) async throws -> CommitEntry {
        guard let grant else { return try CommitEntry(event: event) }
        event.access = .init(request: grant.id)
        // What was decided on is what was approved, whatever was said again.
        let history = grant.found.history
        event.request?.reason = history.request.reason
        event.request?.ticket = history.request.ticket
        if event.request?.host == nil { event.request?.host = history.host }
        if event.request?.logins == nil { event.request?.logins = history.request.logins }
        var events = [event]
        var claims: [(event: AuditEvent, place: Int)] = []
        if grant.isClaim {
            var claimed = self.event(.accessClaimed, of: grant.found, by: caller, at: moment)
            claimed.access?.until = AuditTime(grant.until)
            events = [claimed, event]
            claims = [(claimed, 0)]
        }
        var entry = try CommitEntry(events: events)
        entry.preconditions = [grant.found.isUnchanged()]
        try await add(claims, on: grant.found, issued: 1, to: &entry, at: moment)
        return entry
    }

    /// Step 11: the reply that this idempotency key had before.
    /// - Parameter name: `Caller.name` of whom the key belongs to.
    func earlierReply(to key: IdempotencyKey?, of name: String) async throws -> RecordedReply? {
        guard let key, let earlier = try await store.reply(to: key, of: name) else { return nil }
        guard earlier.requestDigest == key.requestDigest else { throw AuthorityError.idempotencyKeyReused }
        guard earlier.certificate.revokedAt == nil, clock.now < earlier.certificate.validBefore else {
            throw AuthorityError.replyNoLongerValid(serial: earlier.certificate.serial)
        }
        return earlier
    }

    /// Whether the caller's token may be shown: it was never used, or for this very call, whose reply may have been lost.
    /// - Throws: `CommitRefusal.challengeAlreadyUsed`
    package func checkToken(of caller: Caller) async throws {
        guard let token = caller.token, try await store.isUsed(challenge: token.nonce) else { return }
        guard let key = caller.idempotencyKey, try await store.reply(to: key, of: caller.name) != nil else {
            throw CommitRefusal.challengeAlreadyUsed
        }
    }

    enum Question {
        case asked(AuthorizationRequest)
        case denied(Denial)
    }

    /// Step 5, first half: the question to the policy. Where no role is named, the one with the fewest rights that reaches
    /// the host.
    func question(for request: IssuanceRequest, from caller: Caller, at moment: Moment) throws -> Question {
        var role = request.role
        if role == nil, case .ssh(_, let logins, let host?) = request.subject {
            let choice = moment.policies.roleReaching(
                host: host, login: logins?.first, reason: request.reason, ticket: request.ticket, for: caller.identity,
                at: moment.now)
            switch choice {
            case .role(let name): role = name
            case .none(let denial): return .denied(denial)
            case .tie(let candidates): throw AuthorityError.roleNeeded(candidates: candidates)
            }
        }
        guard let role else { throw AuthorityError.roleNeeded(candidates: []) }
        return .asked(
            try AuthorizationRequest(
                role: role, what: request.question, lifetime: request.lifetime, reason: request.reason,
                ticket: request.ticket, keyType: request.keyType))
    }

    /// Step 7: what the certificate will say.
    private func draft(
        _ request: IssuanceRequest, _ ruling: Ruling, _ limits: Limits, for caller: Caller, at moment: Moment
    ) async throws -> Draft {
        let permit = ruling.permit
        // What sshd writes to its log at every login: who, as what, and by which grant or rule.
        let keyID =
            "\(caller.identity.user ?? caller.identity.provider)/\(permit.role)/\(ruling.grant?.id ?? permit.rule.id)"
        switch (permit.subject, request.subject) {
        case (.ssh(let permit), .ssh(let key, _, _)):
            return try await Draft(
                permit, key: key, host: ruling.question.host, keyID: keyID, limits: limits, at: moment.now, by: users)
        case (.sshHost(let permit), .sshHost(let key, _)):
            return try await Draft(permit, key: key, keyID: keyID, limits: limits, at: moment.now, by: hosts)
        case (.x509(let permit), .x509(let csr)):
            return try Draft(permit, csr: csr, limits: limits, at: moment.now, by: workloads)
        default:
            throw AuthorityError.lintFailed("the policy decided about another kind of certificate")
        }
    }

    /// What needs an approval is not issued; that it was asked for is on record.
    private func hold(
        _ request: IssuanceRequest, _ offer: ApprovalOffer, grants reasons: [String], asking question: AuthorizationRequest,
        from caller: Caller, at moment: Moment
    ) async throws -> IssuanceOutcome {
        try await record(
            .init(result: .approvalNeeded, rule: offer.rule.id, reasons: [offer.approval.description] + reasons), of: request,
            asking: question, from: caller, at: moment)
        return .approvalNeeded(approvalNeeded(offer, grants: reasons, asking: question, from: caller, at: moment))
    }

    /// What the caller is told.
    /// - Parameter grants: sentences, why the caller's grants do not do.
    func approvalNeeded(
        _ offer: ApprovalOffer, grants: [String], asking question: AuthorizationRequest, from caller: Caller, at moment: Moment
    ) -> ApprovalNeededError {
        ApprovalNeededError(
            offer: offer, grants: grants,
            explanation: moment.policies.explain(
                .needsApproval(offer), of: .role(question.role), for: caller.identity, reason: question.reason,
                ticket: question.ticket, at: moment.now))
    }

    /// A refusal is on record before the caller hears of it.
    private func refuse(
        _ request: IssuanceRequest, _ denial: Denial, grants: [String], asking question: AuthorizationRequest?,
        from caller: Caller, at moment: Moment
    ) async throws -> IssuanceOutcome {
        try await record(
            .init(result: .deny, rule: denial.denyRules.first?.id, reasons: denial.sentences + grants), of: request,
            asking: question, from: caller, at: moment)
        // Whoever named a grant hears what is wrong with it, and not what rules want of those who have none.
        if request.grant != nil, denial.denyRules.isEmpty { throw AccessError.grantUnusable(grants.joined(separator: "; ")) }
        return .denied(refusal(of: request, denial, grants: grants, asking: question, from: caller, at: moment))
    }

    /// What the caller is told.
    /// - Parameters:
    ///   - grants: sentences, why the caller's grants do not do.
    ///   - question: nil where no role reaches the host that was asked for.
    func refusal(
        of request: IssuanceRequest, _ denial: Denial, grants: [String] = [], asking question: AuthorizationRequest?,
        from caller: Caller, at moment: Moment
    ) -> DeniedError {
        var subject = Explanation.Subject.role(question?.role ?? request.role ?? "")
        if question == nil, case .ssh(_, _, let host?) = request.subject { subject = .host(host) }
        return DeniedError(
            denial: denial, grants: grants,
            explanation: moment.policies.explain(
                .deny(denial), of: subject, for: caller.identity, reason: request.reason, ticket: request.ticket, at: moment.now
            ))
    }

    private func record(
        _ decision: AuditEvent.Decision, of request: IssuanceRequest, asking question: AuthorizationRequest?,
        from caller: Caller, at moment: Moment
    ) async throws {
        let event = AuditEvent(
            time: AuditTime(clock.now), type: .certificateDenied, actor: .init(caller.identity, session: caller.session),
            request: .init(question, of: request, id: caller.requestID), policy: moment.policies.digest, decision: decision)
        try await commit(try CommitEntry(event: event))
    }
}

extension IssuanceOutcome {
    fileprivate static func issued(_ earlier: RecordedReply) -> IssuanceOutcome {
        .issued(earlier.certificate, narrowed: earlier.narrowed)
    }
}
