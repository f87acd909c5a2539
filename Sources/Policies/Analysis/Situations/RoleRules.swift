// SPDX-License-Identifier: Apache-2.0

/// What deny rules and other allow rules leave of one allow rule, in one role.
struct RuleReach {
    /// Whether some situation meets all of its conditions.
    let canMatch: Bool
    /// Whether some of these are left when deny rules have taken theirs.
    let gives: Bool
    /// Whether, in some of these, it is the rule that decides.
    let isEverChosen: Bool
    /// The deny rules that take something from it.
    let cutBy: [DenyRule]
}

/// The rules of one role, held against each other. What questions to them have in common is worked out once.
struct RoleRules {
    private let allows: [(rule: AllowRule, clause: Clause)]
    private let denies: [(rule: DenyRule, clause: Clause)]
    /// Those they are looked at for.
    private let asking: Clause?
    private let isOfCapabilities: Bool
    /// nil: all together cannot be compared; some of them may.
    private let whole: Arena?

    /// - Parameter people: those it is looked at for; nil: anybody.
    init(_ set: PolicySet, role: Role, for people: Who? = nil, in definitions: [String: Group]) {
        let isOfCapabilities = role.kinds.isEmpty
        self.isOfCapabilities = isOfCapabilities
        allows = set.allows.filter { $0.roles.contains(role.name) }.map { rule in
            var clause = Clause(rule, in: definitions)
            if isOfCapabilities { clause.seconds = nil }
            return (rule, clause)
        }
        denies = set.denies.filter { $0.roles.contains(role.name) }.map { ($0, Clause($0, in: definitions)) }
        asking = people.map { Clause($0) }
        whole = try? Arena(allows.map(\.clause), denies.map(\.clause), asking)
    }

    var rules: [AllowRule] { allows.map(\.rule) }

    /// Exact, but for requests that name no lifetime: there a rule whose usual lifetime is longer than another's is taken to decide.
    /// - Parameter place: of the rule among `rules`.
    func reach(of place: Int) throws(Incomparable) -> RuleReach {
        let mine = allows[place].rule
        let winning = allows.indices.filter { allows[$0].rule.winsTies(against: mine, asCapability: isOfCapabilities) }
        if let whole { return try reach(of: place, against: winning, in: whole) }
        let alone = try Arena(([place] + winning).map { allows[$0].clause }, denies.map(\.clause), asking)
        return try reach(of: 0, against: Array(1..<(1 + winning.count)), in: alone)
    }

    private func reach(of place: Int, against winning: [Int], in arena: Arena) throws(Incomparable) -> RuleReach {
        let cubes = arena.allows[place]
        let (undenied, unbeaten) = (arena.denies.joined().map { Obligation(cube: $0) }, winning.flatMap { arena.given[$0] })
        func isThere(_ obligations: [Obligation]) throws(Incomparable) -> Bool {
            switch SituationSearch.point(in: cubes, of: arena.universe, meeting: obligations) {
            case .found: true
            case .none: false
            case .tooManySteps: throw Incomparable(reason: "the rules meet in too many ways")
            }
        }
        // The last implies the others, and it is what most rules do.
        let isEverChosen = try isThere(undenied + unbeaten)
        let gives = isEverChosen ? true : try isThere(undenied)
        let canMatch = gives ? true : try isThere([])
        let cutBy = denies.indices.filter { deny in cubes.contains { arena.universe.meet($0, arena.denies[deny]) } }
        return RuleReach(
            canMatch: canMatch, gives: gives, isEverChosen: isEverChosen, cutBy: cutBy.map { denies[$0].rule })
    }

    /// Clauses in one universe.
    private struct Arena {
        let universe: Universe
        let allows: [[Cube]]
        let given: [[Obligation]]
        let denies: [[Cube]]

        init(_ allows: [Clause], _ denies: [Clause], _ asking: Clause?) throws(Incomparable) {
            let universe = try Universe(of: allows + denies + [asking].compactMap(\.self))
            self.universe = universe
            let asking = asking.map { universe.cubes(allowedBy: $0) }
            let given = allows.map { universe.cubes(allowedBy: $0) }
            self.allows = given.map { cubes in
                cubes.flatMap { cube in asking.map { $0.map { cube.within($0) } } ?? [cube] }
            }
            self.given = given.map { $0.map { Obligation(cube: $0) } }
            self.denies = denies.map { universe.cubes(deniedBy: $0) }
        }
    }
}

extension PolicySet {
    /// Of each rule in the order of `rules`.
    func reaches(in role: Role) -> [(rule: AllowRule, reach: Result<RuleReach, Incomparable>)] {
        let all = RoleRules(self, role: role, in: groupDefinitions)
        return all.rules.enumerated().map { place, rule in
            (rule, Result { () throws(Incomparable) in try all.reach(of: place) })
        }
    }
}

extension AllowRule {
    /// Whether this one decides where both give as much: the first by id, of those that a route takes together. One whose usual
    /// lifetime is shorter may give less to a request that names none.
    fileprivate func winsTies(against other: AllowRule, asCapability: Bool) -> Bool {
        guard reference.id < other.reference.id else { return false }
        if asCapability { return true }
        guard approval?.kind == other.approval?.kind else { return false }
        guard let mine = lifetime, let theirs = other.lifetime else { return true }
        return mine.standard >= theirs.standard
    }
}

extension Universe {
    /// Whether a situation of the cube is in one of the others.
    fileprivate func meet(_ cube: Cube, _ others: [Cube]) -> Bool {
        others.contains { Region(sizes).within(cube).within($0).point != nil }
    }
}
