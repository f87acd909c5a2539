// SPDX-License-Identifier: Apache-2.0

/// A difference in the words of whoever reads a change.
struct GainWords {
    /// Of what is newer: what it gives more than before.
    let newer: String
    /// Of what is older: what is left of it.
    let older: String

    init(_ newer: String, _ older: String) { (self.newer, self.older) = (newer, older) }

    /// Of a value that is another: `mine` where there is more.
    init(_ what: String, mine: String, theirs: String) {
        self.init("\(what) \(theirs) → \(mine)", "\(what) \(mine) → \(theirs)")
    }
}

extension RightWay {
    /// Said against the way that is nearest: of the same rule, or the one that differs least.
    func details(against others: [RightWay]) -> [String] {
        let words: [GainWords]
        if let same = others.filter({ $0.isOfRule(of: self) }).min(by: { distance(to: $0) < distance(to: $1) }) {
            words = gains(over: same)
        } else if let nearest = others.min(by: { distance(to: $0) < distance(to: $1) }) {
            words = gainsBeside(nearest)
        } else {
            words = []
        }
        return words.map { isNewer ? $0.newer : $0.older }
    }

    private func isOfRule(of other: RightWay) -> Bool { rule.reference.id == other.rule.reference.id }

    /// In how much this way gives more.
    private func distance(to other: RightWay) -> Int {
        [
            lifetimeIsWithin(other), atom.bounds.isWithin(other.atom.bounds), demandsAreWithin(other),
            condition.implies(other.condition), approvalIsWithin(other),
        ].count { !$0 } + lostDenies(against: other).count
    }

    /// In what this way gives more than `other`, which is to the same right.
    func gains(over other: RightWay) -> [GainWords] {
        limits(over: other) + bounds(over: other)
            + (condition.implies(other.condition)
                ? [] : condition.changes(from: other.condition, definitions, other.definitions))
            + lostDenies(against: other).map { takesLess($0, than: other) }
    }

    /// The same of a way that stands beside `other` and does not replace it.
    private func gainsBeside(_ other: RightWay) -> [GainWords] {
        guard !condition.implies(other.condition) else { return gains(over: other) }
        var terms = [words]
        if !isCapability, let most = rule.lifetime?.maximum { terms.append("for up to \(PolicyDuration.text(most))") }
        if let approval = rule.approval { terms.append("after approval: \(approval)") }
        let text = terms.joined(separator: ", ")
        return [GainWords("also for: \(text)", "no longer for: \(text)")] + bounds(over: other)
    }

    private func limits(over other: RightWay) -> [GainWords] {
        var gains: [GainWords] = []
        func text(_ limits: LifetimeLimits?) -> String { limits.map { PolicyDuration.text($0.maximum) } ?? "none" }
        if !lifetimeIsWithin(other) {
            gains.append(GainWords("lifetime", mine: text(rule.lifetime), theirs: text(other.rule.lifetime)))
        }
        if let gain = approvalGain(over: other) { gains.append(words(for: gain, over: other)) }
        for (what, mine, theirs) in [
            ("reason", rule.reason, other.rule.reason), ("ticket", rule.ticket, other.rule.ticket),
        ] where !TextRequirement.isWithin(mine, theirs) {
            gains.append(GainWords(what, mine: TextRequirement.words(mine), theirs: TextRequirement.words(theirs)))
        }
        return gains
    }

    private func bounds(over other: RightWay) -> [GainWords] {
        let (mine, theirs) = (atom.bounds, other.atom.bounds)
        let more =
            mine.extensions.subtracting(theirs.extensions).map(\.rawValue).sorted()
            + mine.usage.subtracting(theirs.usage).map { "use as \($0.rawValue)" }.sorted()
        let list = more.joined(separator: ", ")
        return theirs.losses(to: mine) + (more.isEmpty ? [] : [GainWords("also \(list)", "without \(list)")])
    }

    /// A deny rule of `other` that is not there any more, or that takes less.
    private func takesLess(_ deny: GroundedDeny, than other: RightWay) -> GainWords {
        let id = deny.rule.reference.id
        guard let mine = denies.first(where: { $0.rule.reference.id == id }) else {
            return GainWords("deny rule `\(id)` no longer takes from it", "deny rule `\(id)` takes from it")
        }
        let changes = deny.condition.changes(from: mine.condition, other.definitions, definitions)
        func list(_ words: KeyPath<GainWords, String>) -> String { changes.map { $0[keyPath: words] }.joined(separator: "; ") }
        return GainWords("deny rule `\(id)` takes less: \(list(\.older))", "deny rule `\(id)` takes more: \(list(\.newer))")
    }
}

extension RightWay {
    private func words(for gain: ApprovalGain, over other: RightWay) -> GainWords {
        let (mine, theirs) = (
            rule.approval?.description ?? "none needed", other.rule.approval?.description ?? "none needed"
        )
        guard mine == theirs else { return GainWords("approval", mine: mine, theirs: theirs) }
        let verb = rule.approval?.isBreakGlass == true ? "review" : "approve"
        switch gain {
        case .people(let people) where !people.isEmpty:
            let all = people.map(\.inBackticks).firstFew
            return GainWords("\(all) can \(verb) it", "\(all) can no longer \(verb) it")
        case .people: return GainWords("others, or fewer, can \(verb) it", "fewer, or only more, can \(verb) it")
        case .terms, .notCompared:
            return GainWords("an approval holds, or may wait, longer", "an approval holds, or may wait, less long")
        }
    }
}

extension [String] {
    /// The first of them, and how many more there are.
    var firstFew: String {
        let others = count - 5
        return prefix(5).joined(separator: ", ") + (others > 0 ? " and \(others) more" : "")
    }
}

extension TextRequirement {
    fileprivate static func words(_ wanted: TextRequirement?) -> String {
        guard let wanted, wanted.isRequired || wanted.pattern != nil else { return "none wanted" }
        let pattern = wanted.pattern.map { " like \($0.text.inBackticks)" } ?? ""
        return wanted.isRequired ? "wanted" + pattern : "if any," + pattern
    }
}
