// SPDX-License-Identifier: Apache-2.0

import AccessRequests
package import AuditLog
package import Policies

package import struct FoundationEssentials.Date

/// Everything a review is worked out from. Pure: the same always gives the same review.
package struct ReviewedAccess: Sendable {
    /// What is known of the policies when the period began.
    package enum Baseline: Sendable {
        /// They were what they are.
        case same
        case other(PolicySet)
        /// They changed, or the log does not tell; what they were is not known.
        case unknown
    }

    package let authority: String
    package let reviewer: String
    package let policies: PolicySet
    package let policyLive: Date
    package let policySource: AuditEvent.PolicySource?
    package let baseline: Baseline
    /// People whom the server knows before they come.
    package let people: [Identity]
    package let log: ReviewedLog
    package let head: AccessReview.Log

    package init(
        authority: String, reviewer: String, policies: PolicySet, policyLive: Date, policySource: AuditEvent.PolicySource?,
        baseline: Baseline, people: [Identity], log: ReviewedLog, head: AccessReview.Log
    ) {
        (self.authority, self.reviewer, self.policies, self.policyLive) = (authority, reviewer, policies, policyLive)
        (self.policySource, self.baseline, self.people, self.log) = (policySource, baseline, people, log)
        self.head = head
    }

    package var review: AccessReview { Reviewer(self).review }

    /// The same people and the same log under another set, such as one that a patch would make.
    package func under(_ policies: PolicySet) -> ReviewedAccess {
        ReviewedAccess(
            authority: authority, reviewer: reviewer, policies: policies, policyLive: policyLive, policySource: policySource,
            baseline: baseline, people: people, log: log, head: head)
    }
}

extension AccessReview {
    /// What may be taken away after it.
    ///
    /// A rule stays while anybody used it, whoever that was; so does what is not known to be unused for the whole period.
    package func unusedRights(log: ReviewedLog) -> UnusedRights {
        var unused = UnusedRights()
        for right in rights {
            let key = UnusedRights.Right(user: right.who, rule: right.rule, role: right.role)
            // Break-glass is unused in good times.
            if right.status == .unused, !right.breakGlass {
                unused.unused.insert(key)
            } else {
                unused.kept.insert(key)
            }
        }
        let used = Set(log.uses.filter(\.value.isInPeriod).map { UnusedRights.RuleRole(rule: $0.key.rule, role: $0.key.role) })
        let kept = Set(unused.kept.map { UnusedRights.RuleRole(rule: $0.rule, role: $0.role) })
        for rule in rules {
            for role in rule.rolesAtStart.subtracting(rule.capabilityRoles) {
                let pair = UnusedRights.RuleRole(rule: rule.id, role: role)
                if !used.contains(pair), !kept.contains(pair) { unused.byNobody.insert(pair) }
            }
        }
        return unused
    }
}

private struct Reviewer {
    let input: ReviewedAccess
    let summaries: [RuleSummary]
    let now: Date
    /// Whether the log tells of the whole period.
    let coversPeriod: Bool

    init(_ input: ReviewedAccess) {
        self.input = input
        summaries = input.policies.ruleSummaries
        now = input.log.now
        coversPeriod = input.log.begins.map { $0 <= input.log.start } ?? false
    }

    var review: AccessReview {
        let identities = self.identities
        let requests = input.log.requests.values.sorted {
            ($0.request.requestedAt, $0.request.id) < ($1.request.requestedAt, $1.request.id)
        }
        let openRequests = requests.filter { $0.status(at: now).isOpen }
        // What is open now is in use, however long ago it began.
        let inUse = Set(
            openRequests.map {
                ReviewedLog.Key(who: $0.request.requester.user, rule: $0.request.rule, role: $0.request.role)
            })
        let live = input.log.liveCertificates
        var rights: [AccessReview.Right] = []
        var unclear: [String: Set<String>] = [:]
        for (who, identity) in identities {
            let (held, open) = input.policies.holdings(of: identity, at: now)
            for rule in open { unclear[rule, default: []].insert(who) }
            guard !held.isEmpty else { continue }
            let before = rightsAtStart(of: identity)
            for holding in held {
                let key = ReviewedLog.Key(who: who, rule: holding.rule, role: holding.role)
                rights.append(
                    right(
                        holding, key, identity, live: live[key] ?? 0, isInUse: inUse.contains(key),
                        wasHeld: before.contains(RuleRole(holding))))
            }
        }
        // Also older ones that nobody looked at.
        let breakGlass = requests.filter { history in
            history.request.review != nil
                && (history.request.requestedAt >= input.log.start || history.reviewDue != nil)
        }.map { AccessReview.Grant($0, at: now) }
        let open = openRequests.map { AccessReview.Grant($0, at: now) }
        let rules = rules(rights)
        var counts = AccessReview.Counts()
        counts.people = identities.count
        counts.rights = rights.count
        for right in rights {
            switch right.status {
            case .used: counts.used += 1
            case .unused: counts.unused += 1
            case .notLongEnough: counts.notLongEnough += 1
            case .notRecorded: counts.notRecorded += 1
            }
        }
        counts.liveCertificates = live.values.reduce(0, +)
        counts.grantsOfPeriod = requests.count(where: { ($0.claim?.at ?? .distantPast) >= input.log.start })
        counts.openGrants = open.count
        counts.breakGlass = breakGlass.count
        counts.reviewsOverdue = breakGlass.count(where: \.isOverdue)
        counts.reviewsFlagged = breakGlass.count(where: { $0.verdict == "flagged" })
        let mutual = mutual(requests)
        counts.mutualApprovals = mutual.count
        return AccessReview(
            scope: scope, counts: counts, rights: rights, rules: rules, breakGlass: breakGlass, open: open, mutual: mutual,
            exceptions: exceptions, formerUses: formerUses(rights), undetermined: undetermined(identities, unclear, rules))
    }

    /// Pairs of people, where one of the approvals was in the period.
    private func mutual(_ requests: [AccessHistory]) -> [AccessReview.Mutual] {
        let byRequester = Dictionary(grouping: requests, by: \.request.requester.user)
        var found: [[String]: Set<String>] = [:]
        for history in requests {
            for approval in history.approvals where approval.at >= input.log.start {
                for other in byRequester[approval.by.user] ?? [] {
                    guard let mutual = history.mutualApproval(with: other) else { continue }
                    let pair = [mutual.person, history.request.requester.user].sorted()
                    found[pair, default: []].formUnion([history.request.id, mutual.request])
                }
            }
        }
        return found.map { AccessReview.Mutual(people: $0.key, requests: $0.value.sorted()) }
            .sorted { $0.people.lexicographicallyPrecedes($1.people) }
    }

    // MARK: Who

    /// By name: whom the server knows, whom the log has seen, and whom the policies name.
    private var identities: [(who: String, identity: Identity)] {
        var found: [String: Identity] = [:]
        for user in input.policies.namedUsers { found[user] = Self.somebody(named: user) }
        for (who, seen) in input.log.seen where !["console", "server"].contains(seen.identity.provider) {
            found[who] = seen.identity
        }
        for person in input.people {
            guard let user = person.user else { continue }
            found[user] = person
        }
        for who in gone { found[who] = nil }
        return found.sorted { $0.key < $1.key }.map { (who: $0.key, identity: $0.value) }
    }

    /// Whom the user file knew and knows no longer: they have nothing.
    private var gone: Set<String> {
        let local = Set(input.people.map(\.provider))
        return Set(input.log.seen.filter { local.contains($0.value.identity.provider) }.keys)
            .subtracting(input.people.compactMap(\.user))
    }

    private static func somebody(named user: String) -> Identity {
        Identity(provider: "", user: user, groups: .unknown, claims: .unknown, mfa: .unknown)
    }

    private struct RuleRole: Hashable {
        let rule: String
        let role: String

        init(_ holding: Holding) { (rule, role) = (holding.rule, holding.role) }
    }

    private func rightsAtStart(of identity: Identity) -> Set<RuleRole> {
        let set: PolicySet
        switch input.baseline {
        case .same: set = input.policies
        case .other(let other): set = other
        case .unknown: return []
        }
        return Set(set.holdings(of: identity, at: now).held.map(RuleRole.init))
    }

    // MARK: What

    private func right(
        _ holding: Holding, _ key: ReviewedLog.Key, _ identity: Identity, live: Int, isInUse: Bool, wasHeld: Bool
    ) -> AccessReview.Right {
        let use = input.log.uses[key] ?? ReviewedLog.Use()
        let status: AccessReview.Status =
            if use.isInPeriod || isInUse || live > 0 {
                .used
            } else if holding.givesCapabilities {
                .notRecorded
            } else {
                coversPeriod && wasHeld ? .unused : .notLongEnough
            }
        return AccessReview.Right(
            who: key.who, provider: identity.provider, role: holding.role, rule: holding.rule, place: holding.place,
            gives: holding.gives, through: holding.through, conditions: holding.conditions, approval: holding.approval,
            breakGlass: holding.isBreakGlass, unless: holding.unless, status: status, lastUsed: use.last, times: use.times,
            asked: use.asked, grants: use.grants.sorted(), live: live)
    }

    private func rules(_ rights: [AccessReview.Right]) -> [AccessReview.Rule] {
        let holders = Dictionary(grouping: rights, by: \.rule).mapValues { Set($0.map(\.who)).count }
        let uses = Dictionary(grouping: input.log.uses, by: \.key.rule)
        let before: [RuleSummary] =
            switch input.baseline {
            case .same: summaries
            case .other(let set): set.ruleSummaries
            case .unknown: []
            }
        let rolesBefore = Dictionary(uniqueKeysWithValues: before.map { ($0.id, Set($0.roles)) })
        return summaries.map { rule in
            let found = uses[rule.id] ?? []
            return AccessReview.Rule(
                id: rule.id, place: rule.place, who: rule.who, roles: rule.roles, holders: holders[rule.id] ?? 0,
                openTo: rule.openTo, users: Set(found.filter(\.value.isInPeriod).map(\.key.who)).count,
                times: found.reduce(0) { $0 + $1.value.times }, lastUsed: found.compactMap(\.value.last).max(),
                rolesAtStart: coversPeriod ? (rolesBefore[rule.id] ?? []).intersection(rule.roles) : [],
                capabilityRoles: rule.capabilityRoles)
        }
    }

    private var exceptions: [AccessReview.Exception] {
        summaries.compactMap { rule in
            var what: [String] = []
            if let openTo = rule.openTo { what.append("open to \(openTo)") }
            if !rule.namedUsers.isEmpty, rule.approval == nil {
                what.append("names people one by one: \(rule.namedUsers.joined(separator: ", "))")
            }
            if rule.isBreakGlass { what.append("break-glass: access at once, looked at afterwards") }
            guard !what.isEmpty else { return nil }
            return AccessReview.Exception(
                rule: rule.id, place: rule.place, roles: rule.roles, what: what.joined(separator: "; "))
        }
    }

    private func formerUses(_ rights: [AccessReview.Right]) -> [AccessReview.FormerUse] {
        let held = Set(rights.map { ReviewedLog.Key(who: $0.who, rule: $0.rule, role: $0.role) })
        return input.log.uses.filter { $0.value.isInPeriod && !held.contains($0.key) }
            .map { key, use in
                AccessReview.FormerUse(who: key.who, role: key.role, rule: key.rule, times: use.times, lastUsed: use.last)
            }
            .sorted { ($0.who, $0.role, $0.rule) < ($1.who, $1.role, $1.rule) }
    }

    // MARK: How sure

    private var scope: AccessReview.Scope {
        var head = input.head
        head.begins = input.log.begins
        let from = max(input.log.start, input.log.begins ?? now)
        return AccessReview.Scope(
            authority: input.authority, reviewer: input.reviewer, reviewedAt: now, from: input.log.start,
            unusedFor: Int(now.timeIntervalSince(input.log.start).rounded()),
            covered: max(0, Int(now.timeIntervalSince(from).rounded())), policy: input.policies.digest,
            policyLive: input.policyLive, policyCommit: input.policySource?.commit, policySigner: input.policySource?.signer,
            policyChanges: input.log.policyChanges, log: head)
    }

    private func undetermined(
        _ identities: [(who: String, identity: Identity)], _ unclear: [String: Set<String>], _ rules: [AccessReview.Rule]
    ) -> [String] {
        var found = [
            "An issued certificate counts as a use. Whether somebody logged in with it is in the log of the server they logged "
                + "in to, and not here."
        ]
        if !coversPeriod {
            found.append(
                "The log begins after the period does. Nothing is called unused; what was not used since the log began is "
                    + "`\(AccessReview.Status.notLongEnough.rawValue)`.")
        }
        if case .unknown = input.baseline {
            found.append(
                "The policies changed in the period, and those from before are not known. What was not used is "
                    + "`\(AccessReview.Status.notLongEnough.rawValue)`, for the right may be younger.")
        }
        if rules.contains(where: { !$0.capabilityRoles.isEmpty }) {
            found.append("Reading by a capability of the service leaves no entry in the log, so its use is not known.")
        }
        let named = identities.filter { $0.identity.provider.isEmpty }.map(\.who)
        if !named.isEmpty {
            found.append(
                "The policies name people whom neither the user file nor the log knows; groups that a provider has for them are "
                    + "not known: " + named.joined(separator: ", ") + ".")
        }
        let goneButNamed = gone.intersection(input.policies.namedUsers).sorted()
        if !goneButNamed.isEmpty {
            found.append(
                "The policies name people who are in the user file no longer, and would have rights again if they came back: "
                    + goneButNamed.joined(separator: ", ") + ".")
        }
        let providers = Set(identities.map(\.identity.provider)).subtracting(input.people.map(\.provider)).subtracting([""])
        if !providers.isEmpty {
            found.append(
                "Groups and claims from these providers are those of each person's last call: "
                    + providers.sorted().joined(separator: ", ") + ".")
        }
        for rule in rules {
            let people = (unclear[rule.id] ?? []).subtracting(named)
            guard !people.isEmpty else { continue }
            found.append(
                "Rule `\(rule.id)` may give more: groups or claims are not known of " + people.sorted().joined(separator: ", ")
                    + ".")
        }
        found += rules.filter { $0.openTo != nil }.map {
            "Rule `\($0.id)` is open to \($0.openTo ?? ""), who cannot be listed; \($0.users) used it in the period."
        }
        if input.log.byOtherRules > 0 {
            found.append(
                "\(input.log.byOtherRules) certificates of the period were issued by rules that the policies no longer have.")
        }
        if input.log.unreadable > 0 {
            found.append("\(input.log.unreadable) entries of the log could not be read by this version.")
        }
        found.append(
            "Since when somebody is in the user file, or in a group of it, is not recorded; a right that comes from it may be "
                + "younger than the period.")
        return found
    }
}
