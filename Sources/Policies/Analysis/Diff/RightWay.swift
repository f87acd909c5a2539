// SPDX-License-Identifier: Apache-2.0

/// One way to an atom: the allow rule, and the deny rules that take from it, grounded in their set.
struct RightWay {
    let atom: RightAtom
    let role: String
    let rule: AllowRule
    let condition: GroundedCondition
    var clause: Clause
    let denies: [(rule: DenyRule, condition: GroundedCondition, clause: Clause)]
    let approval: GroundedApproval?
    let approvals: ApprovalOrder
    let words: String

    /// Whether this way gives nobody anything that `other` does not give: the same right or a part of it, bound no less, to no more
    /// people, at no more times and places, for no longer, with no less approval.
    func isWithin(_ other: RightWay) -> Bool {
        atom.bounds.isWithin(other.atom.bounds) && condition.implies(other.condition) && limitsAreWithin(other)
            && lostDenies(against: other).isEmpty && atom.isPart(of: other.atom)
    }

    private func limitsAreWithin(_ other: RightWay) -> Bool {
        lifetimeIsWithin(other) && approvalIsWithin(other) && demandsAreWithin(other)
    }

    private func lifetimeIsWithin(_ other: RightWay) -> Bool {
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

    private func demandsAreWithin(_ other: RightWay) -> Bool {
        func isWithin(_ mine: TextRequirement?, _ theirs: TextRequirement?) -> Bool {
            guard let theirs else { return true }
            guard let mine else { return !theirs.isRequired && theirs.pattern == nil }
            return (mine.isRequired || !theirs.isRequired) && (theirs.pattern == nil || mine.pattern == theirs.pattern)
        }
        return isWithin(rule.reason, other.rule.reason) && isWithin(rule.ticket, other.rule.ticket)
    }

    /// Deny rules of `other` for which there is none here that takes as much away.
    private func lostDenies(against other: RightWay) -> [DenyRule] {
        other.denies.filter { theirs in !denies.contains { theirs.condition.implies($0.condition) } }.map(\.rule)
    }

    /// In what this way gives more than `other`, which is to the same right; in words of what that means when this is the newer
    /// of the two, and when it is the older.
    func gains(over other: RightWay) -> [(newer: String, older: String)] {
        var gains: [(newer: String, older: String)] = []
        func changed(_ what: String, _ mine: String, _ theirs: String) {
            gains.append(("\(what) \(theirs) → \(mine)", "\(what) \(mine) → \(theirs)"))
        }
        func text(_ limits: LifetimeLimits?) -> String { limits.map { PolicyDuration.text($0.maximum) } ?? "none" }
        if !lifetimeIsWithin(other) { changed("lifetime", text(rule.lifetime), text(other.rule.lifetime)) }
        if let gain = approvalGain(over: other) { gains.append(words(for: gain, over: other)) }
        if !demandsAreWithin(other) { gains.append(("less reason or ticket is wanted", "more reason or ticket is wanted")) }
        for bound in other.atom.bounds.losses(to: atom.bounds) {
            gains.append(("no longer bound to \(bound)", "now bound to \(bound)"))
        }
        let more =
            atom.bounds.extensions.subtracting(other.atom.bounds.extensions).map(\.rawValue).sorted()
            + atom.bounds.usage.subtracting(other.atom.bounds.usage).map { "use as \($0.rawValue)" }.sorted()
        if !more.isEmpty {
            let list = more.joined(separator: ", ")
            gains.append(("also \(list)", "without \(list)"))
        }
        if !condition.implies(other.condition) { changed("who and when:", words, other.words) }
        for deny in lostDenies(against: other) {
            let id = deny.reference.id
            gains.append(("deny rule `\(id)` no longer takes from it", "deny rule `\(id)` takes from it"))
        }
        return gains
    }
}

extension RightWay {
    private func words(for gain: ApprovalGain, over other: RightWay) -> (newer: String, older: String) {
        let (mine, theirs) = (
            rule.approval?.description ?? "none needed", other.rule.approval?.description ?? "none needed"
        )
        guard mine == theirs else { return ("approval \(theirs) → \(mine)", "approval \(mine) → \(theirs)") }
        let verb = rule.approval?.isBreakGlass == true ? "review" : "approve"
        switch gain {
        case .people(let people) where !people.isEmpty:
            let names = people.prefix(Self.mostNames).map { "`\($0)`" }.joined(separator: ", ")
            let all = people.count > Self.mostNames ? "\(names) and \(people.count - Self.mostNames) more" : names
            return ("\(all) can \(verb) it", "\(all) can no longer \(verb) it")
        case .people: return ("others, or fewer, can \(verb) it", "fewer, or only more, can \(verb) it")
        case .terms, .notCompared:
            return ("an approval holds, or may wait, longer", "an approval holds, or may wait, less long")
        }
    }

    private static let mostNames = 5
}

extension PolicySet {
    /// - Parameter approvals: that those of both sets are compared by.
    func rightWays(_ approvals: ApprovalOrder) -> [RightWay] {
        let definitions = groupDefinitions
        let atoms = roles.mapValues { RightAtom.all(of: $0) }
        let denying = denies.map {
            (rule: $0, condition: GroundedCondition($0.condition, in: definitions), clause: Clause($0, in: definitions))
        }
        return allows.flatMap { rule -> [RightWay] in
            let condition = GroundedCondition(rule.condition, in: definitions)
            let approval = rule.approval.map { GroundedApproval($0, in: definitions) }
            let words = (rule.condition.who.words { _ in [] } + rule.condition.placeAndTime).joined(separator: ", and ")
            return rule.roles.sorted().flatMap { role -> [RightWay] in
                let denying = denying.filter { $0.rule.roles.contains(role) }
                // Of what is denied to all there is no way.
                guard !denying.contains(where: \.rule.condition.holdsForAll) else { return [] }
                return (atoms[role] ?? []).sorted { $0.right < $1.right }.map { atom in
                    var clause = Clause(rule, in: definitions)
                    // A capability is had at an instant.
                    if atom.isCapability { clause.seconds = nil }
                    return RightWay(
                        atom: atom, role: role, rule: rule, condition: condition, clause: clause, denies: denying,
                        approval: approval,
                        approvals: approvals, words: words)
                }
            }
        }
    }

    var groupDefinitions: [String: Group] { Dictionary(uniqueKeysWithValues: definedGroups.map { ($0.name, $0) }) }
}
