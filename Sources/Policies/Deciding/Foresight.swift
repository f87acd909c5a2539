// SPDX-License-Identifier: Apache-2.0

/// Whether and when what one person may do ends by itself. Only windows and hand-overs change; what is known of the
/// person is taken to stay as it is.
struct Foresight {
    /// Of an hourly window these are 14 months; nobody needs more, and nobody can make us count further.
    static let maximumBoundaries = 10_000

    private let asker: Asker
    /// Those that do not hold but may in time.
    private let denies: [DenyRule]

    init(_ policies: PolicySet, role: String, asker: Asker) {
        self.asker = asker
        guard policies.hasDeniesWithWindows || !asker.turns.isEmpty, let index = policies.deniesByRole[role] else {
            denies = []
            return
        }
        denies = index.everPossible(for: asker).map { policies.denies[$0] }.filter { $0.condition.mayBeginToHold(asker) }
    }

    /// The first instant before `limit` at which a rule that holds now does so no longer, or a `deny` rule does.
    func end(of rule: AllowRule, before limit: Int) -> PermissionEnd? {
        guard rule.condition.dependsOnTime(asker) || !denies.isEmpty else { return nil }
        let boundaries = Boundaries(of: [rule.condition] + denies.map(\.condition), for: asker)
        var instant = asker.second
        for _ in 0..<Self.maximumBoundaries {
            guard let next = boundaries.next(after: instant, before: limit) else { return nil }
            let later = asker.moved(to: next)
            if !rule.condition.certainlyHolds(later) { return PermissionEnd(instant: next, cause: .ends(rule.reference)) }
            if let deny = denies.first(where: { $0.condition.mayHold(later) }) {
                return PermissionEnd(instant: next, cause: .begins(deny.reference))
            }
            instant = next
        }
        return PermissionEnd(instant: instant, cause: .isNotFollowed(rule.reference))
    }

    /// No window or turn that is further away is looked for.
    private static let horizon = 10 * 366 * CalendarDay.seconds

    /// Whether the windows and turns that a condition needs are ever there together, now or later. True also where they change
    /// too often to be followed.
    static func comes(_ condition: Condition, _ asker: Asker) -> Bool {
        let boundaries = Boundaries(of: [condition], for: asker)
        var instant = asker.second
        for _ in 0..<maximumBoundaries {
            if !condition.mismatches(asker.moved(to: instant)).contains(where: \.passes) { return true }
            guard let next = boundaries.next(after: instant, before: asker.second + horizon) else { return false }
            instant = next
        }
        return true
    }
}

/// The instants at which conditions may come to hold for an asker, or cease to.
private struct Boundaries {
    private let windows: Set<Window>
    private let rotations: [Rotation]

    init(of conditions: [Condition], for asker: Asker) {
        windows = Set(conditions.flatMap(\.windows))
        rotations = asker.turns.filter { turn in
            conditions.contains { !$0.who.groups.isDisjoint(with: turn.groups) }
        }.map(\.rotation)
    }

    func next(after instant: Int, before limit: Int) -> Int? {
        var next = limit
        for window in windows { next = window.change(after: instant, before: next) ?? next }
        for rotation in rotations { next = min(next, rotation.handOver(after: instant)) }
        return next < limit ? next : nil
    }
}
