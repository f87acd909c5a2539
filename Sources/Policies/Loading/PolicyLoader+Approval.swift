// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicyLoader {
    mutating func approvalRequirement(_ node: YAMLNode, lifetime: LifetimeLimits?) -> ApprovalRequirement? {
        let known = ["steps", "review", "automatic", "wait", "claim_within", "grant", "total", "signed", "recheck"]
        guard let fields = fields(node, "`approval`", known: known) else { return nil }
        let review = fields["review"].flatMap { reviewRequirement($0) }
        if fields["review"] != nil {
            for key in ["steps", "wait", "signed", "recheck"] {
                guard let node = fields[key] else { continue }
                problems.add(node.position, "`\(key)` is for approval before access, `review` for a look at it afterwards")
            }
        }
        let isAutomatic = fields["automatic"].map { automatic($0, beside: fields) } ?? false
        let steps =
            fields["review"] != nil || isAutomatic
            ? [] : required(fields, "steps", of: "`approval`").flatMap { approvalSteps($0) } ?? []
        let signature = fields["signed"].flatMap { word($0, "`signed`", as: ApprovalSignature.self) }
        let recheck = fields["recheck"].map { word($0, "`recheck`", as: ApprovalRecheck.self) } ?? .keep
        let wait = fields["wait"].map { duration($0, "`wait`") } ?? .seconds(3_600)
        let claimWithin = fields["claim_within"].map { duration($0, "`claim_within`") } ?? .seconds(3_600)
        // A rule without `lifetime` cannot ask for approval and is refused for that.
        let grant = fields["grant"].map { duration($0, "`grant`") } ?? lifetime?.maximum ?? .zero
        if let grant, let node = fields["grant"], let lifetime, grant < lifetime.maximum {
            let (short, long) = (PolicyDuration.text(grant), PolicyDuration.text(lifetime.maximum))
            problems.add(node.position, "`grant` (\(short)) is shorter than `max` of `lifetime` (\(long))")
        }
        let total = fields["total"].map { duration($0, "`total`") } ?? grant
        if let grant, let total, let node = fields["total"], total < grant {
            problems.add(
                node.position,
                "`total` (\(PolicyDuration.text(total))) is shorter than what one grant gives (\(PolicyDuration.text(grant)))")
        }
        guard let recheck, let wait, let claimWithin, let grant, let total else { return nil }
        return ApprovalRequirement(
            steps: steps, wait: wait, claimWithin: claimWithin, grant: grant, total: total, signature: signature,
            recheck: recheck, review: review, isAutomatic: isAutomatic)
    }

    private mutating func automatic(_ node: YAMLNode, beside fields: Fields) -> Bool {
        guard flag(node, "`automatic`") == true else {
            problems.add(node.position, "`automatic` is `true`, or is left out")
            return true
        }
        for key in ["steps", "review", "wait", "signed", "recheck"] {
            guard let node = fields[key] else { continue }
            problems.add(node.position, "`\(key)` is for approval by people, and `automatic` asks none")
        }
        return true
    }

    private mutating func reviewRequirement(_ node: YAMLNode) -> ReviewRequirement? {
        guard let fields = fields(node, "`review`", known: ["by", "within"]),
            let by = required(fields, "by", of: "`review`").flatMap({ approvers($0) }),
            let within = required(fields, "within", of: "`review`").flatMap({ duration($0, "`within`") })
        else { return nil }
        return ReviewRequirement(by: by, within: within)
    }

    private mutating func approvalSteps(_ node: YAMLNode) -> [ApprovalStep]? {
        guard let members = list(node, "`steps`") else { return nil }
        if members.count > ApprovalRequirement.maximumSteps {
            problems.add(
                node.position, "`steps` has \(members.count) steps; at most \(ApprovalRequirement.maximumSteps) are allowed")
        }
        return members.compactMap { approvalStep($0) }
    }

    private mutating func approvalStep(_ node: YAMLNode) -> ApprovalStep? {
        guard let fields = fields(node, "a step", known: ["by", "count"]),
            let by = required(fields, "by", of: "a step"), let approvers = approvers(by)
        else { return nil }
        guard let countNode = fields["count"] else { return ApprovalStep(by: approvers, count: 1) }
        guard case .scalar(let text, isPlain: true) = countNode.value, let count = Int(text), String(count) == text,
            (1...ApprovalRequirement.maximumCount).contains(count)
        else {
            problems.add(
                countNode.position, "`count` must be a whole number from 1 to \(ApprovalRequirement.maximumCount)")
            return nil
        }
        let named = approvers.users.count
        if approvers.userDomains.isEmpty, named > 0, named < count {
            problems.add(
                countNode.position, "`count` is \(count), but `by` names only \(named == 1 ? "one user" : "\(named) users")")
        }
        return ApprovalStep(by: approvers, count: count)
    }

    private mutating func approvers(_ node: YAMLNode) -> Approvers? {
        guard let fields = fields(node, "`by`", known: ["users", "groups", "mfa"]) else { return nil }
        var who = Who()
        readPeople(fields, into: &who)
        if fields["users"] == nil, fields["groups"] == nil {
            problems.add(node.position, "`by` names nobody; expected `users` or `groups`")
        }
        if let name = (who.groups.union(who.users)).sorted().first(where: { $0.contains("`") }) {
            problems.add(node.position, "`\(name)` has a backtick, in which requests keep the names of those who decide")
        }
        return Approvers(who)
    }
}
