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
    /// - Parameter ceilings: of the installation, where it is known.
    package func lint(ceilings: LifetimeCeilings?) -> [LintWarning] {
        var warnings = unusedNames + untakenRoles + idleRules + unexercisedRules
        if let ceilings { warnings += unreachableLifetimes(ceilings) }
        return warnings.sorted { left, right in
            guard let first = left.position, let second = right.position else {
                return left.position == nil && right.position != nil
            }
            return first == second ? left.problem < right.problem : first.precedes(second)
        }
    }

    private var untakenRoles: [LintWarning] {
        let given = Set(allows.flatMap(\.roles))
        return roles.values.filter { !given.contains($0.name) }.map {
            LintWarning(position: $0.reference.position, problem: "no rule gives role `\($0.name)` to anyone")
        }
    }

    /// Rules that cannot do anything, whoever asks.
    private var idleRules: [LintWarning] {
        allows.compactMap { rule in
            problem(of: rule).map {
                LintWarning(position: rule.reference.position, problem: "rule `\(rule.reference.id)` \($0)")
            }
        }
    }

    private func problem(of rule: AllowRule) -> String? {
        do throws(Incomparable) {
            var reaches: [RuleReach] = []
            for role in rule.roles.sorted() { reaches.append(try reach(of: rule, in: role)) }
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
