// SPDX-License-Identifier: Apache-2.0

/// One way to an atom: the allow rule, and the deny rules that take from it, grounded in their set.
struct RightWay {
    let atom: RightAtom
    let role: String
    let rule: AllowRule
    /// Of the set that is changed to, not from.
    let isNewer: Bool
    let condition: GroundedCondition
    var clause: Clause
    let denies: [GroundedDeny]
    /// By its number among `approvals`.
    let approval: Int?
    let approvals: ApprovalOrder
    let definitions: [String: Group]

    /// Whether this way gives nobody anything that `other` does not give: the same right or a part of it, bound no less, to no more
    /// people, at no more times and places, for no longer, with no less approval.
    func isWithin(_ other: RightWay) -> Bool {
        lifetimeIsWithin(other) && atom.bounds.isWithin(other.atom.bounds) && demandsAreWithin(other)
            && condition.implies(other.condition) && approvalIsWithin(other)
            && lostDenies(against: other).isEmpty && atom.isPart(of: other.atom)
    }

    func lifetimeIsWithin(_ other: RightWay) -> Bool {
        guard !isCapability, let most = rule.lifetime?.maximum else { return true }
        return other.rule.lifetime.map { most <= $0.maximum } ?? true
    }

    var isCapability: Bool { clause.seconds == nil }

    func approvalIsWithin(_ other: RightWay) -> Bool { approvalGain(over: other) == nil }

    /// In what the approval that this way wants is less.
    func approvalGain(over other: RightWay) -> ApprovalGain? {
        guard let theirs = other.approval else { return nil }
        guard let approval else { return .terms }
        return approvals.gain(of: approval, over: theirs)
    }

    func demandsAreWithin(_ other: RightWay) -> Bool {
        TextRequirement.isWithin(rule.reason, other.rule.reason) && TextRequirement.isWithin(rule.ticket, other.rule.ticket)
    }

    /// Deny rules of `other` for which there is none here that takes as much away.
    func lostDenies(against other: RightWay) -> [GroundedDeny] {
        other.denies.filter { theirs in
            // Most are as they were.
            let same = denies.first { $0.rule.reference.id == theirs.rule.reference.id }
            if let same, theirs.condition.implies(same.condition) { return false }
            return !denies.contains { theirs.condition.implies($0.condition) }
        }
    }

    /// Everybody the rule means, in words.
    var words: String { rule.condition.words }
}

/// A deny rule in its set.
struct GroundedDeny {
    let rule: DenyRule
    let condition: GroundedCondition
    let clause: Clause
}

extension TextRequirement {
    /// Whether whatever meets `one` meets `other`, as far as that is seen from the patterns as they are written.
    static func isWithin(_ one: TextRequirement?, _ other: TextRequirement?) -> Bool {
        guard let other else { return true }
        guard let one else { return !other.isRequired && other.pattern == nil }
        return (one.isRequired || !other.isRequired) && (other.pattern == nil || one.pattern == other.pattern)
    }
}

extension PolicySet {
    /// By atom and rule.
    /// - Parameters:
    ///   - isNewer: whether this is the set that is changed to.
    ///   - approvals: that those of both sets are compared by.
    func rightWays(isNewer: Bool, _ approvals: ApprovalOrder) -> [RightWay] {
        let definitions = groupDefinitions
        let atoms = roles.mapValues { role in RightAtom.all(of: role).sorted { $0.right < $1.right } }
        var denying: [String: [GroundedDeny]] = [:]
        for rule in denies {
            let deny = GroundedDeny(
                rule: rule, condition: GroundedCondition(rule.condition, in: definitions), clause: Clause(rule, in: definitions)
            )
            for role in rule.roles { denying[role, default: []].append(deny) }
        }
        return allows.flatMap { rule -> [RightWay] in
            let condition = GroundedCondition(rule.condition, in: definitions)
            let approval = rule.approval.map { approvals.number(of: GroundedApproval($0, in: definitions)) }
            let clause = Clause(rule, in: definitions)
            return rule.roles.sorted().flatMap { role -> [RightWay] in
                let denying = denying[role] ?? []
                // Of what is denied to all there is no way.
                guard !denying.contains(where: \.rule.condition.holdsForAll) else { return [] }
                return (atoms[role] ?? []).map { atom in
                    var clause = clause
                    // A capability is had at an instant.
                    if atom.isCapability { clause.seconds = nil }
                    return RightWay(
                        atom: atom, role: role, rule: rule, isNewer: isNewer, condition: condition, clause: clause,
                        denies: denying, approval: approval, approvals: approvals, definitions: definitions)
                }
            }
        }
    }

    var groupDefinitions: [String: Group] { Dictionary(uniqueKeysWithValues: definedGroups.map { ($0.name, $0) }) }
}
