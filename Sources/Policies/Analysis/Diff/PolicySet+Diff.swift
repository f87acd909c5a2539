// SPDX-License-Identifier: Apache-2.0

import StrictYAML

/// How a set of policies changes rights, not text.
package struct PolicyDiff: Sendable, Equatable, Encodable {
    package struct Change: Sendable, Hashable, Encodable {
        package let direction: Direction
        /// In words: ``login `deploy` on `web*.example.com` ``.
        package let right: String
        package let role: String
        /// The rule that gives more than before, or gave what is gone; and where it stands.
        package let rule: String
        package let place: String
        /// In what; empty where the whole right is new, or gone.
        package let details: [String]
        /// Who has it, or had it.
        package let who: String
    }

    package enum Direction: String, Sendable, Encodable {
        case widens, narrows
    }

    /// What widens first; by right, role and rule.
    package let changes: [Change]

    package var isWidening: Bool { changes.contains { $0.direction == .widens } }
}

extension PolicySet {
    /// What changes from `old` to this set. What is not called a widening gives nobody more than before: each new way to a
    /// right must lie within one old way. A right that is split among several rules may be called a change though it is none.
    package func diff(from old: PolicySet) -> PolicyDiff {
        let (before, after) = (old.rightWays, rightWays)
        return PolicyDiff(
            changes: Self.surplus(of: after, over: before, .widens) + Self.surplus(of: before, over: after, .narrows))
    }

    private static func surplus(
        of ways: [RightWay], over others: [RightWay], _ direction: PolicyDiff.Direction
    ) -> [PolicyDiff.Change] {
        let byRight = Dictionary(grouping: others, by: \.atom.right)
        let changes = ways.compactMap { way -> PolicyDiff.Change? in
            let same = byRight[way.atom.right] ?? []
            guard !same.contains(where: { way.isWithin($0) }) else { return nil }
            // Said against the way that is nearest: of the same rule, or the one that differs least.
            let compared = same.map {
                (details: way.gains(over: $0), isSameRule: $0.rule.reference.id == way.rule.reference.id)
            }
            let nearest = compared.min { ($0.isSameRule ? 0 : 1, $0.details.count) < ($1.isSameRule ? 0 : 1, $1.details.count) }
            return PolicyDiff.Change(
                direction: direction, right: way.atom.right, role: way.role, rule: way.rule.reference.id,
                place: way.rule.reference.position.fileAndLine,
                details: nearest?.details.map { direction == .widens ? $0.newer : $0.older } ?? [], who: way.words)
        }
        return changes.sorted { ($0.right, $0.role, $0.rule) < ($1.right, $1.role, $1.rule) }
    }
}

extension PolicyDiff.Change: CustomStringConvertible {
    package var description: String {
        let sign = direction == .widens ? "+" : "-"
        let what =
            details.isEmpty ? (direction == .widens ? "gained" : "lost") + " by: \(who)" : details.joined(separator: "; ")
        return "\(sign) \(right) (role \(role), \(place) `\(rule)`): \(what)"
    }
}

extension PolicyDiff: CustomStringConvertible {
    package var description: String {
        changes.isEmpty ? "rights are unchanged\n" : changes.map { "\($0)\n" }.joined()
    }

    /// For the comment on a pull request. A narrowing is said in the words of what is lost.
    package var markdown: String {
        guard !changes.isEmpty else { return "Rights are unchanged.\n" }
        func table(_ direction: Direction, _ title: String) -> String {
            let rows = changes.filter { $0.direction == direction }.map { change in
                let what = change.details.isEmpty ? change.who : change.details.joined(separator: "; ")
                let cells = [change.right, "`\(change.role)`", "\(change.place) `\(change.rule)`", what]
                return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
            }
            guard !rows.isEmpty else { return "" }
            return "### \(title)\n\n| right | role | rule | what |\n|---|---|---|---|\n" + rows.joined() + "\n"
        }
        return table(.widens, "Widens") + table(.narrows, "Narrows")
    }
}
