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

extension PolicySet {
    /// Exact, but for requests that name no lifetime: there a rule whose usual lifetime is longer than another's is taken to decide.
    /// - Parameter people: those it is looked at for; nil: anybody.
    func reach(of rule: AllowRule, in role: String, for people: Who? = nil) throws(Incomparable) -> RuleReach {
        let definitions = groupDefinitions
        let isOfCapabilities = roles[role]?.kinds.isEmpty == true
        func clause(_ rule: AllowRule) -> Clause {
            var clause = Clause(rule, in: definitions)
            if isOfCapabilities { clause.seconds = nil }
            return clause
        }
        let denying = denies.filter { $0.roles.contains(role) }.map { ($0, Clause($0, in: definitions)) }
        let winning = allows.filter {
            $0.roles.contains(role) && $0.winsTies(against: rule, asCapability: isOfCapabilities)
        }.map(clause)
        let mine = clause(rule)
        let asking = people.map { Clause($0) }
        let universe = try Universe(of: [mine] + denying.map(\.1) + winning + [asking].compactMap(\.self))
        let cubes = universe.cubes(allowedBy: mine).flatMap { cube in
            asking.map { universe.cubes(allowedBy: $0).map { cube.within($0) } } ?? [cube]
        }
        func isThere(_ obligations: [Obligation]) throws(Incomparable) -> Bool {
            switch SituationSearch.point(in: cubes, of: universe, meeting: obligations) {
            case .found: true
            case .none: false
            case .tooManySteps: throw Incomparable(reason: "the rules meet in too many ways")
            }
        }
        let denials = denying.map { (rule: $0, cubes: universe.cubes(deniedBy: $1)) }
        let undenied = denials.flatMap(\.cubes).map { Obligation(cube: $0) }
        let unbeaten = winning.flatMap { universe.cubes(allowedBy: $0) }.map { Obligation(cube: $0) }
        let canMatch = try isThere([])
        let gives = try isThere(undenied)
        return RuleReach(
            canMatch: canMatch, gives: gives, isEverChosen: try isThere(undenied + unbeaten),
            cutBy: denials.filter { denial in cubes.contains { universe.meet($0, denial.cubes) } }.map(\.rule))
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
