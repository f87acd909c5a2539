// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import FoundationEssentials
import Policies
import SSHCertificates
import X509Certificates

/// A grant that permits an issuance, and everything the commit has to hold it to.
struct GrantUse: Sendable {
    let found: AccessCase
    let until: Date
    /// Whether this certificate starts the work clock.
    let isClaim: Bool

    var id: String { found.history.request.id }

    /// The start that was asked for. An extension only follows what was valid before it.
    var notBefore: Date? { found.history.request.extends == nil ? found.history.request.starts : nil }
}

/// What a request for a certificate came to: by a rule alone, or by a rule and a grant.
struct Ruling: Sendable {
    let question: AuthorizationRequest
    let permit: Permit
    var grant: GrantUse?
}

extension Authority {
    /// Each certificate of a grant is an event when the grant is ended: that has to fit one transaction.
    static let mostCertificatesOfGrant = 1000
    private static let mostGrants = 50

    enum GrantSearch: Sendable {
        case found(Ruling)
        /// Sentences: why each grant that could have been meant does not do.
        case none([String])
    }

    /// The grant of the caller that permits this now: the one that was named, or of all that are open the one that lasts
    /// longest. Grants are a union: what one does not give, another may.
    func granted(_ request: IssuanceRequest, to caller: Caller, at moment: Moment) async throws -> GrantSearch {
        guard let user = caller.identity.user else { return .none([]) }
        let records: [AccessRecord]
        if let id = request.grant {
            records = AccessRequest.isID(id) ? [try await store.accessRecord(id: id)].compactMap(\.self) : []
        } else {
            var filter = AccessFilter(limit: Self.mostGrants)
            filter.user = user
            filter.openAt = moment.instant
            records = try await store.accessRecords(matching: filter)
        }
        var best: Ruling?
        var reasons: [String] = []
        for record in records {
            let found = try AccessCase(record)
            let status = found.history.status(at: moment.instant)
            guard found.history.request.requester.user == user else { continue }
            if let limit = limit(of: found.history, against: request) {
                // Another grant may be meant, unless this one was named.
                if request.grant != nil { reasons.append("`\(record.summary.id)` is \(limit)") }
                continue
            }
            guard status == .approved || status == .active else {
                // What is over by itself is no news, unless it was named.
                if status.isOpen || request.grant != nil {
                    reasons.append("`\(record.summary.id)` is \(status.rawValue)")
                }
                continue
            }
            do {
                let ruling = try await ruling(under: found, request, caller, moment)
                if let until = ruling.grant?.until, until > best?.grant?.until ?? .distantPast { best = ruling }
            } catch let unusable as UnusableGrant {
                reasons.append("`\(record.summary.id)`: \(unusable.reason)")
            }
        }
        if let best { return .found(best) }
        if request.grant != nil, reasons.isEmpty {
            reasons = ["that is no grant of yours that gives this"]
        }
        return .none(reasons)
    }

    /// What was approved, as far as what is asked for does not lie within it; nil: it does.
    private func limit(of history: AccessHistory, against request: IssuanceRequest) -> String? {
        let approved = history.request
        if let role = request.role, role != approved.role { return "for role `\(approved.role)`" }
        func list(_ what: String, _ names: [String], if isLess: Bool) -> String? {
            isLess ? "for \(what) " + names.map { "`\($0)`" }.joined(separator: ", ") : nil
        }
        switch (request.subject, approved.kind) {
        case (.ssh(_, let logins, let host), .ssh):
            if let own = history.host, let host, host.text != own { return "for host `\(own)`" }
            guard let logins, let own = approved.logins else { return nil }
            return list("logins", own, if: !Set(logins).isSubset(of: own))
        case (.sshHost(_, let host), .sshHost): return list("host", [approved.host ?? ""], if: host.text != approved.host)
        case (.x509(let csr), .x509):
            guard let own = approved.names else { return nil }
            return list("names", own, if: !Set(csr.requestedNames.described).isSubset(of: own))
        case (_, let kind): return "for certificates of kind `\(kind.rawValue)`"
        }
    }

    private struct UnusableGrant: Error {
        let reason: String
    }

    /// Decides again, with the policy and the people as they are now.
    private func ruling(
        under found: AccessCase, _ request: IssuanceRequest, _ caller: Caller, _ moment: Moment
    ) async throws -> Ruling {
        let (history, approved) = (found.history, found.history.request)
        guard found.record.issued < Self.mostCertificatesOfGrant else {
            throw UnusableGrant(reason: "it gave \(Self.mostCertificatesOfGrant) certificates already")
        }
        let question = try question(about: try subject(of: request, within: history), request, approved)
        let offer: ApprovalOffer
        switch moment.policies.decide(caller.identity, question, at: moment.now) {
        case .needsApproval(let found): offer = found
        case .deny(let denial): throw UnusableGrant(reason: denial.description)
        // The rule gives at once what it wanted approval for: no grant is needed, so none is used.
        case .allow: throw UnusableGrant(reason: "rule `\(approved.rule)` gives this without approval now")
        }
        if let change = try approved.change(to: offer.approval) ?? growth(of: approved, caller, moment) {
            throw UnusableGrant(reason: AccessError.ruleChanged(rule: approved.rule, change).description)
        }
        if let overdue = try await overdueReview(against: offer, for: approved.requester.user, at: moment) {
            throw UnusableGrant(reason: overdue.description)
        }
        try await requireUnbrokenChain(to: approved, moment)
        try await requireQuorum(found, offer.approval, caller, moment)
        let work = min(history.duration, Int(offer.approval.grant.components.seconds))
        var until = history.claim?.until ?? moment.now.addingTimeInterval(Double(work))
        if history.claim == nil, let since = approved.since, let latest = approved.latest {
            until = min(until, latest, GrantChain.end(of: offer.approval, since: since))
        }
        guard moment.now < until else {
            throw UnusableGrant(
                reason: approved.since == nil ? "it is over" : "with what it goes on from, it has lasted as long as it may")
        }
        return Ruling(
            question: question, permit: offer.permit,
            grant: GrantUse(found: found, until: until, isClaim: history.claim == nil))
    }

    /// What is asked for, with what was left open filled in by the grant.
    private func subject(
        of request: IssuanceRequest, within history: AccessHistory
    ) throws -> AuthorizationRequest.Subject {
        guard case .ssh(let logins, let host) = request.question else { return request.question }
        return .ssh(logins: logins ?? history.request.logins, host: try host ?? history.host.map { try HostName($0) })
    }

    private func question(
        about subject: AuthorizationRequest.Subject, _ request: IssuanceRequest?, _ approved: AccessRequest
    ) throws -> AuthorizationRequest {
        try AuthorizationRequest(
            role: approved.role, what: subject, lifetime: request?.lifetime, reason: approved.reason, ticket: approved.ticket,
            route: approved.review == nil ? .request : .breakGlass, keyType: request?.keyType, rule: approved.rule)
    }

    /// Approvers agreed to what the role gave then. Under another policy it may give less, not more.
    private func growth(of approved: AccessRequest, _ caller: Caller, _ moment: Moment) throws -> RuleChange? {
        guard approved.policy != moment.policies.digest else { return nil }
        let question = try question(about: try approved.subject, nil, approved)
        switch moment.policies.decide(caller.identity, question, at: moment.now) {
        case .needsApproval(let offer):
            let before = GrantedRights(rights: approved.rights, restrictions: approved.restrictions)
            let gains = moment.policies.rights(of: offer.subject, role: offer.role).gains(over: before)
            return gains.isEmpty ? nil : .more(gains)
        case .deny(let denial): throw UnusableGrant(reason: denial.description)
        case .allow: return .gone
        }
    }

    /// What a grant goes on from may have ended by its time alone: who gave it back, or lost it, has nothing more of it.
    private func requireUnbrokenChain(to approved: AccessRequest, _ moment: Moment) async throws {
        var next = approved.extends
        while let id = next {
            let earlier = try await accessCase(id).history
            guard earlier.closing == nil else {
                let status = earlier.status(at: moment.instant).rawValue
                throw UnusableGrant(reason: "what it goes on from, `\(id)`, was \(status) before its time")
            }
            next = earlier.request.extends
        }
    }

    private func requireQuorum(
        _ found: AccessCase, _ requirement: ApprovalRequirement, _ caller: Caller, _ moment: Moment
    ) async throws {
        guard let loss = try await lossOfQuorum(of: found.history, under: requirement, at: moment) else { return }
        guard found.history.claim == nil else { throw UnusableGrant(reason: loss.description) }
        var event = event(.accessVoided, of: found, by: nil, note: loss.description, at: moment)
        event.access?.lost = loss.people
        event.access?.left = loss.left
        guard try await write(event, to: found, by: caller, at: moment) else { throw CommitRefusal.accessChanged }
        var after = found.history
        if let happened = try AccessEvent(event) { after.apply(happened) }
        let isWaiting = after.status(at: moment.instant) == .pending
        throw UnusableGrant(
            reason: "\(loss); " + (isWaiting ? "it waits for another" : "it is too late for another; ask again"))
    }

    /// People too many of whose approvals no longer count, or not for what they counted for.
    struct LossOfQuorum: Sendable, CustomStringConvertible {
        /// What each of them counts for still, and what for no longer, in the words of the policy; by name.
        fileprivate let seats: [(person: String, left: Set<Int>, lost: [String])]

        var people: [String] { seats.map(\.person) }
        /// As it stands in events.
        var left: [[Int]]? { seats.allSatisfy(\.left.isEmpty) ? nil : seats.map { $0.left.sorted() } }

        var description: String {
            let gone = seats.filter(\.left.isEmpty).map { "`\($0.person)`" }.joined(separator: ", ")
            let parts =
                (gone.isEmpty ? [] : ["the approval of \(gone) no longer counts"])
                + seats.filter { !$0.left.isEmpty }.map {
                    "the approval of `\($0.person)` no longer counts for \($0.lost.joined(separator: ", "))"
                }
            return parts.isEmpty ? "its approvals are not enough" : parts.joined(separator: ", and ")
        }
    }

    /// Everybody whose approval it rests on must still be somebody whose approval counts. Whose turn it was is a matter of
    /// when they approved; who belongs to a group is a matter of now.
    /// - Returns: nil where enough of them are.
    func lossOfQuorum(
        of history: AccessHistory, under requirement: ApprovalRequirement, at moment: Moment
    ) async throws -> LossOfQuorum? {
        // Whether the rule still holds for whoever asked is another question.
        guard !requirement.isBreakGlass, !requirement.isAutomatic else { return nil }
        var counting: [String: Set<Int>] = [:]
        for approval in history.approvals {
            counting[approval.by.user] = try await steps(of: requirement, for: approval, of: history.request, at: moment)
        }
        let counts = requirement.steps.map(\.count)
        let filled = history.filledSteps(of: counts) { counting[$0.by.user] ?? [] }
        guard filled < counts.count || counts.isEmpty else { return nil }
        let seats = history.approvals.map { approval in
            let left = counting[approval.by.user] ?? []
            let lost = approval.steps.subtracting(left).sorted()
            return (
                person: approval.by.user, left: left,
                lost: lost.filter(requirement.steps.indices.contains).map { requirement.steps[$0].description }
            )
        }
        return LossOfQuorum(seats: seats.filter { !$0.lost.isEmpty || $0.left.isEmpty }.sorted { $0.person < $1.person })
    }

    /// - Parameter wanted: in the words of the policy.
    private func isSigned(
        _ approval: Approval, of request: AccessRequest, as wanted: [String], by keys: [SSHPublicKey]
    ) -> Bool {
        guard let verified = try? approval.verifiedSignature(of: request), keys.contains(verified.key) else { return false }
        return !wanted.contains(ApprovalSignature.touch.rawValue) || verified.securityKey != nil
    }

    private func steps(
        of requirement: ApprovalRequirement, for approval: Approval, of request: AccessRequest, at moment: Moment
    ) async throws -> Set<Int> {
        var identity = Identity(approval.actor)
        let wanted = request.signatures(under: requirement)
        // What was signed is held to it: a key that is gone does not make a session enough.
        let isHeldToSignature = !wanted.isEmpty || approval.signature != nil
        switch directory.standing(provider: approval.by.provider, user: approval.by.user) {
        case .known(let groups, let keys):
            // Whoever can write the database can write an approval there, but sign it with none of these keys.
            guard keys.isEmpty && !isHeldToSignature || isSigned(approval, of: request, as: wanted, by: keys) else { return [] }
            identity.groups = .known(groups)
        case .gone: return []
        case .onlyAtLogin:
            // No key of theirs is on record.
            guard !isHeldToSignature else { return [] }
            let newest = try await store.knownPeople(named: approval.by.user, at: moment.instant).first { person in
                person.provider == approval.by.provider && person.loggedInAt >= approval.at
            }
            if let newest { identity.groups = try newest.identity.identity(from: nil).groups }
            guard let current = directory.current(identity) else { return [] }
            identity = current
        }
        return approval.steps.filter { step in
            requirement.steps.indices.contains(step)
                && moment.policies.isApprover(identity, of: requirement.steps[step], at: approval.at)
        }
    }
}
