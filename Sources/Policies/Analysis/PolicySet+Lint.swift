// SPDX-License-Identifier: Apache-2.0

package import StrictYAML

/// Something in a set that loads, but is probably not meant.
package struct LintWarning: Sendable, Hashable, CustomStringConvertible {
    package let position: SourcePosition?
    package let problem: String

    package var description: String { position.map { "\($0.fileAndLine): \(problem)" } ?? problem }
}

/// The longest lifetimes of an installation, for saying which limits of a set can never be reached.
package struct LifetimeCeilings: Sendable, Equatable {
    package var ssh: Duration
    package var sshHost: Duration
    package var x509: Duration

    package init(ssh: Duration, sshHost: Duration, x509: Duration) {
        self.ssh = ssh
        self.sshHost = sshHost
        self.x509 = x509
    }

    fileprivate subscript(kind: RequestKind) -> Duration {
        switch kind {
        case .ssh: ssh
        case .sshHost: sshHost
        case .x509: x509
        }
    }
}

extension PolicySet {
    /// In the order of files and lines.
    /// - Parameters:
    ///   - ceilings: of the installation, where it is known.
    ///   - groups: every group that anybody is in who can log in there; nil where that is not known.
    package func lint(ceilings: LifetimeCeilings?, groups: Set<String>? = nil) -> [LintWarning] {
        let reaches = reaches
        var warnings = unusedNames + untakenRoles(reaches) + idleRules(reaches) + unexercisedRules
        if let ceilings { warnings += unreachableLifetimes(ceilings) }
        if let groups { warnings += emptyGroups(groups) }
        return warnings.sorted { left, right in
            guard let first = left.position, let second = right.position else {
                return left.position == nil && right.position != nil
            }
            return first == second ? left.problem < right.problem : first.precedes(second)
        }
    }

    private func untakenRoles(_ reaches: Reaches) -> [LintWarning] {
        roles.values.compactMap { role in
            let rules = reaches[role.name] ?? []
            let problem: String
            if rules.isEmpty {
                problem = "no rule gives role `\(role.name)` to anyone"
            } else if rules.allSatisfy({ (try? $0.reach.get().gives) == false }) {
                problem = "nobody can take role `\(role.name)`: the rules that give it give nothing"
            } else {
                return nil
            }
            return LintWarning(position: role.reference.position, problem: problem)
        }
    }

    /// What is left of each allow rule in each of its roles, by role.
    private typealias Reaches = [String: [(rule: AllowRule, reach: Result<RuleReach, Incomparable>)]]

    private var reaches: Reaches { roles.mapValues { reaches(in: $0) } }

    /// Rules that cannot do anything, whoever asks.
    private func idleRules(_ reaches: Reaches) -> [LintWarning] {
        let byRule = Dictionary(grouping: reaches.values.joined(), by: \.rule.reference.id)
        return allows.compactMap { rule in
            problem(of: (byRule[rule.reference.id] ?? []).map(\.reach)).map {
                LintWarning(position: rule.reference.position, problem: "rule `\(rule.reference.id)` \($0)")
            }
        }
    }

    private func problem(of found: [Result<RuleReach, Incomparable>]) -> String? {
        do throws(Incomparable) {
            var reaches: [RuleReach] = []
            for found in found { reaches.append(try found.get()) }
            if reaches.allSatisfy({ !$0.canMatch }) { return "can never apply: its conditions exclude each other" }
            if reaches.allSatisfy({ !$0.gives }) {
                let names = Set(reaches.flatMap(\.cutBy).map(\.reference.description)).sorted()
                return "gives nothing, for \(names.joined(separator: " and ")) "
                    + (names.count == 1 ? "denies" : "deny") + " all of it"
            }
            if reaches.allSatisfy({ !$0.isEverChosen }) { return "never decides, for others always give as much" }
            return nil
        } catch {
            return "could not be looked at exactly: \(error.reason)"
        }
    }

    private var unusedNames: [LintWarning] {
        let zonesInUse = Set(roles.values.flatMap { ($0.ssh?.zones ?? []) + ($0.sshHost?.zones ?? []) }.map(\.name))
        let named = allows.reduce(into: Set<String>()) { $0.formUnion($1.namedGroups) }
            .union(denies.flatMap(\.namedGroups)).union(definedGroups.flatMap(\.groups))
        return zones.keys.filter { !zonesInUse.contains($0) }.map {
            LintWarning(position: nil, problem: "no role uses zone `\($0)`")
        }
            + definedGroups.filter { !named.contains($0.name) }.map {
                LintWarning(position: $0.position, problem: "no rule and no group names group `\($0.name)`")
            }
    }

    /// Groups that neither the set nor, by `said`, the installation puts anybody in.
    private func emptyGroups(_ said: Set<String>) -> [LintWarning] {
        let definitions = groupDefinitions
        func isEmpty(_ group: String) -> Bool {
            let extent = GroupExtent([group], in: definitions)
            return extent.users.isEmpty && extent.rotations.isEmpty && extent.said.isDisjoint(with: said)
        }
        let named = allows.map { ($0.reference, $0.namedGroups) } + denies.map { ($0.reference, $0.namedGroups) }
        return named.flatMap { rule, groups in
            groups.filter(isEmpty).sorted().map { group in
                LintWarning(position: rule.position, problem: "nobody is in group `\(group)`, which rule `\(rule.id)` names")
            }
        }
    }

    private var unexercisedRules: [LintWarning] {
        let exercised = exercisedRules
        return (allows.map(\.reference) + denies.map(\.reference)).filter { !exercised.contains($0.id) }.map {
            LintWarning(position: $0.position, problem: "no test exercises rule `\($0.id)`")
        }
    }

    private func unreachableLifetimes(_ ceilings: LifetimeCeilings) -> [LintWarning] {
        allows.compactMap { rule in
            guard let most = rule.lifetime?.maximum else { return nil }
            let ceiling = rule.roles.compactMap { roles[$0] }.flatMap(\.kinds).map { ceilings[$0] }.max()
            guard let ceiling, most > ceiling else { return nil }
            let (limit, text) = (PolicyDuration.text(ceiling), PolicyDuration.text(most))
            return LintWarning(
                position: rule.reference.position,
                problem: "rule `\(rule.reference.id)` gives up to \(text), but the ceiling of this installation is \(limit)")
        }
    }
}
