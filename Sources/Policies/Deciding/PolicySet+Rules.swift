// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// What a request says for itself.
struct Justification {
    var reason: String?
    var ticket: String?
}

extension PolicySet {
    enum Rules {
        /// At least one, in the order of their ids.
        case some([AllowRule])
        case none(Denial)
    }

    /// The allow rules that give a role, unless a deny rule takes it away.
    ///
    /// `justification` nil: for an overview, as if a fitting one were given.
    func rules(giving role: Role, to asker: Asker, _ justification: Justification?) -> Rules {
        let fired = deniesByRole[role.name]?.possible(for: asker).filter { denies[$0].condition.mayHold(asker) } ?? []
        guard fired.isEmpty else {
            return .none(
                Denial(
                    reasons: fired.map { place in
                        .deniedBy(denies[place].reference, because: denies[place].condition.mismatches(asker))
                    }))
        }
        guard let index = allowsByRole[role.name] else { return .none(Denial(reasons: [.noRule(role.reference)])) }
        let matching = index.certain(for: asker).filter { place in
            allows[place].condition.certainlyHolds(asker)
                && justification.map { allows[place].mismatches($0).isEmpty } != false
        }
        guard matching.isEmpty else { return .some(matching.map { allows[$0] }) }
        return .none(
            Denial(
                reasons: index.all.map { place in
                    let rule = allows[place]
                    let because = rule.condition.mismatches(asker) + (justification.map { rule.mismatches($0) } ?? [])
                    return .notAllowedBy(rule.reference, because: because)
                }))
    }

    func mayTake(_ role: Role, _ asker: Asker) -> Bool {
        if case .some = rules(giving: role, to: asker, nil) { true } else { false }
    }

    /// Suggests only what the asker may take: a typing mistake must not list other people's roles.
    func nearestRole(to name: String, for asker: Asker) -> String? {
        NearestWord.to(name, among: roles.values.filter { mayTake($0, asker) }.map(\.name))
    }
}
