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
        /// Somebody who has it by one of the sets and not by the other.
        package let situation: Situation?
        /// One of the hosts on which that is so, where it is not so on all of the right.
        let host: String?
        /// `situation` and `host` in words.
        package let example: String?
        /// Why this may be no change at all: it could not be compared exactly.
        package let notComparedExactly: String?

        private enum CodingKeys: String, CodingKey {
            case direction, right, role, rule, place, details, who, host, example
            case notComparedExactly = "not_compared_exactly"
        }
    }

    package enum Direction: String, Sendable, Encodable {
        case widens, narrows
    }

    /// What widens first; by right, role and rule.
    package let changes: [Change]
    /// RFC 3339: times after it were not compared. nil: all were.
    package let comparedUntil: String?

    package var isWidening: Bool { changes.contains { $0.direction == .widens } }
}

extension PolicySet {
    /// What changes from `old` to this set. Exact, but for changes that say they are not: a way to a right is a change when there
    /// is a situation in which it gives more than all ways of the other set to the same right, and that situation is told.
    package func diff(from old: PolicySet) -> PolicyDiff {
        let approvals = ApprovalOrder()
        let (before, after) = (old.rightWays(isNewer: false, approvals), rightWays(isNewer: true, approvals))
        let (wider, narrower) = (Self.surplus(of: after, over: before), Self.surplus(of: before, over: after))
        return PolicyDiff(
            changes: wider.changes + narrower.changes,
            comparedUntil: [wider.until, narrower.until].compactMap(\.self).min().map { Timestamp.text($0) })
    }

    private static func surplus(
        of ways: [RightWay], over others: [RightWay]
    ) -> (changes: [PolicyDiff.Change], until: Int?) {
        let byWhat = Dictionary(grouping: others, by: \.atom.what)
        let byPlace = Dictionary(grouping: others, by: \.atom.name?.place)
        let templates = byPlace.mapValues { $0.filter { $0.atom.name?.template.isLiteral == false } }
        var (changes, earliest) = ([PolicyDiff.Change](), Int?.none)
        var arena = SurplusArena([])
        for (what, ways) in Dictionary(grouping: ways, by: \.atom.what).sorted(by: { $0.key < $1.key }) {
            let others = byWhat[what] ?? []
            let changed = others.isEmpty ? ways : ways.outside(others)
            // Rights of the same rules share what was worked out of these.
            if !changed.isEmpty, !arena.knows(changed + others) { arena = SurplusArena(changed + others) }
            for way in changed {
                // The first kind of names and hosts for which it gives more.
                let rivals =
                    way.atom.name.map { name in
                        name.template.isLiteral ? others + (templates[name.place] ?? []) : byPlace[name.place] ?? []
                    } ?? others
                for kind in way.kinds(among: rivals) {
                    let (situation, problem): (Situation?, Incomparable?)
                    switch kind.way.surplus(over: kind.ways, in: arena) {
                    case .none(let until):
                        earliest = [earliest, until].compactMap(\.self).min()
                        continue
                    case .example(let example, let until):
                        earliest = [earliest, until].compactMap(\.self).min()
                        (situation, problem) = (example, kind.problem)
                    case .notCompared(let reason): (situation, problem) = (nil, reason)
                    }
                    changes.append(PolicyDiff.Change(way, kind, situation, problem))
                    break
                }
            }
        }
        return (changes.sorted { ($0.right, $0.role, $0.rule) < ($1.right, $1.role, $1.rule) }, earliest)
    }
}

extension [RightWay] {
    /// Those that are not within one of the others. By far the most are as they were; that is seen at once.
    fileprivate func outside(_ others: [RightWay]) -> [RightWay] {
        let byRule = Dictionary(grouping: others, by: \.rule.reference.id)
        return filter { way in
            !(byRule[way.rule.reference.id] ?? []).contains { way.isWithin($0) } && !others.contains { way.isWithin($0) }
        }
    }
}

extension PolicyDiff.Change {
    fileprivate init(_ way: RightWay, _ kind: RightKind, _ situation: Situation?, _ problem: Incomparable?) {
        direction = way.isNewer ? .widens : .narrows
        (right, role) = (way.atom.right, way.role)
        (rule, place) = (way.rule.reference.id, way.rule.reference.position.fileAndLine)
        (details, who) = (way.details(against: kind.ways), way.words)
        (self.situation, host) = (situation, kind.host)
        let example = situation.map {
            [kind.name.map { "as `\($0)`" }, kind.host.map { "on \($0)" }, "\($0)"].compactMap(\.self).joined(separator: ", ")
        }
        self.example = problem == nil ? example : nil
        notComparedExactly = problem?.reason
    }
}

extension PolicyDiff.Change: CustomStringConvertible {
    package var description: String {
        let sign = direction == .widens ? "+" : "-"
        let what =
            details.isEmpty ? (direction == .widens ? "gained" : "lost") + " by: \(who)" : details.joined(separator: "; ")
        return "\(sign) \(right) (role \(role), \(place) `\(rule)`): \(what)\n    \(proof)"
    }

    /// An example, or why there is none.
    fileprivate var proof: String {
        notComparedExactly.map { "could not be compared exactly: \($0)" } ?? example.map { "example: \($0)" } ?? ""
    }
}

extension PolicyDiff: CustomStringConvertible {
    package var description: String {
        (changes.isEmpty ? "rights are unchanged\n" : changes.map { "\($0)\n" }.joined())
            + (limit.map { $0 + "\n" } ?? "")
    }

    private var limit: String? {
        comparedUntil.map { "times after \($0) were not compared, for the clocks of a zone are moved" }
    }

    /// For the comment on a pull request. A narrowing is said in the words of what is lost.
    package var markdown: String {
        let limit = self.limit.map { "\n" + $0 + "\n" } ?? ""
        guard !changes.isEmpty else { return "Rights are unchanged.\n" + limit }
        func table(_ direction: Direction, _ title: String) -> String {
            let rows = changes.filter { $0.direction == direction }.map { change in
                let what = change.details.isEmpty ? change.who : change.details.joined(separator: "; ")
                let proof = change.notComparedExactly == nil ? change.example ?? "" : change.proof
                let cells = [change.right, "`\(change.role)`", "\(change.place) `\(change.rule)`", what, proof]
                return "| " + cells.map(MarkdownText.cell).joined(separator: " | ") + " |\n"
            }
            guard !rows.isEmpty else { return "" }
            return "### \(title)\n\n| right | role | rule | what | example |\n|---|---|---|---|---|\n" + rows.joined() + "\n"
        }
        return table(.widens, "Widens") + table(.narrows, "Narrows") + limit
    }
}
