// SPDX-License-Identifier: Apache-2.0

/// What an allow rule wants before it gives anything, with the groups of the set it stands in: so who can agree is known.
struct GroundedApproval: Hashable {
    let requirement: ApprovalRequirement
    let steps: [Seats]
    let reviewers: Clause?

    /// So many different people.
    struct Seats: Hashable {
        let people: Clause
        let count: Int
    }

    init(_ requirement: ApprovalRequirement, in definitions: [String: Group]) {
        self.requirement = requirement
        steps = requirement.steps.map { Seats(people: Clause($0.by.who, in: definitions), count: $0.count) }
        reviewers = requirement.review.map { Clause($0.by.who, in: definitions) }
    }

    /// Whoever must agree, beforehand or afterwards.
    fileprivate var seats: [Seats] { reviewers.map { [Seats(people: $0, count: 1)] } ?? steps }
}

/// In what one approval asks less than another.
enum ApprovalGain: Hashable {
    /// How it is approved, how it is signed, how long it waits and holds, when it is reviewed.
    case terms
    /// Others can agree, or fewer are enough. Those of them whom the other does not know, named where they are.
    case people([String])
    case notCompared(Incomparable)
}

/// Compares approvals by who can give them. Each pair is compared once.
final class ApprovalOrder {
    private struct Pair: Hashable {
        let one: Int
        let other: Int
    }

    private var approvals: [GroundedApproval] = []
    private var numbers: [GroundedApproval: Int] = [:]
    private var answers: [Pair: ApprovalGain?] = [:]

    /// Those that are alike have the same.
    func number(of approval: GroundedApproval) -> Int {
        if let number = numbers[approval] { return number }
        approvals.append(approval)
        numbers[approval] = approvals.count - 1
        return approvals.count - 1
    }

    /// By their numbers. nil: whatever is approved by `one` would be by `other` too.
    func gain(of one: Int, over other: Int) -> ApprovalGain? {
        if one == other { return nil }
        let pair = Pair(one: one, other: other)
        if let answer = answers[pair] { return answer }
        let answer = Self.gain(of: approvals[one], over: approvals[other])
        answers[pair] = answer
        return answer
    }

    private static func gain(of one: GroundedApproval, over other: GroundedApproval) -> ApprovalGain? {
        guard one.requirement.termsAreWithin(other.requirement) else { return .terms }
        // Of two kinds, the terms have said it all; and what a rule approves by itself has no people.
        guard one.requirement.kind == other.requirement.kind, one.requirement.kind != .automatic else { return nil }
        do throws(Incomparable) {
            return try people(filling: one.seats, andNot: other.seats).map { .people($0) }
        } catch {
            return .notCompared(error)
        }
    }

    /// Distinct steps that are compared in all their combinations.
    private static let maximumSteps = 8

    /// Whether some people can fill all the seats of `mine` and not all of `theirs`: nil if there are none such.
    ///
    /// By Hall's theorem, people fill all seats exactly when those who may sit in any of some steps are at least as many as
    /// these have seats, whichever steps these are. So for each choice of their steps it is asked how few of the people who
    /// may sit there are enough to fill mine. Exact where turns of duty do not matter; where they do, each may agree at
    /// another time, so that no gain is missed.
    private static func people(
        filling mine: [GroundedApproval.Seats], andNot theirs: [GroundedApproval.Seats]
    ) throws(Incomparable) -> [String]? {
        let (mine, theirs) = (merged(mine), merged(theirs))
        guard theirs.count <= maximumSteps else { throw Incomparable(reason: "an approval has too many steps") }
        let universe = try Universe(of: (mine + theirs).map(\.people))
        let seats = mine.map { universe.cubes(allowedBy: $0.people) }
        for choice in 1..<(1 << theirs.count) {
            let chosen = theirs.indices.filter { choice & (1 << $0) != 0 }.map { theirs[$0] }
            let known = chosen.flatMap { universe.cubes(allowedBy: $0.people) }.map { Obligation(cube: $0) }
            var plan = SeatingPlan(counts: mine.map(\.count))
            var strangers: [Int] = []
            for user in universe.users.indices {
                let costs = try seats.map { cubes throws(Incomparable) -> Int? in
                    let cubes = cubes.map { $0.requiring(.user, [user]) }
                    if try universe.hasPoint(in: cubes, meeting: known) { return 0 }
                    return try universe.hasPoint(in: cubes, meeting: []) ? 1 : nil
                }
                if costs.contains(0) { strangers.append(user) }
                plan.add(costs, people: universe.isNamed(user) ? 1 : plan.seats)
            }
            // Seats that cannot be filled are approved by nobody.
            guard let fewest = plan.leastCost else { return nil }
            if fewest < chosen.reduce(0, { $0 + $1.count }) {
                return strangers.filter(universe.isNamed).map { universe.users[$0] }
            }
        }
        return nil
    }

    /// Steps of the same people are one.
    private static func merged(_ seats: [GroundedApproval.Seats]) -> [GroundedApproval.Seats] {
        var merged: [GroundedApproval.Seats] = []
        for seats in seats {
            let place = merged.firstIndex { $0.people == seats.people }
            let before = place.map { merged.remove(at: $0).count } ?? 0
            merged.append(.init(people: seats.people, count: before + seats.count))
        }
        return merged
    }
}

extension Universe {
    fileprivate func hasPoint(in cubes: [Cube], meeting obligations: [Obligation]) throws(Incomparable) -> Bool {
        switch SituationSearch.point(in: cubes, of: self, meeting: obligations) {
        case .found: return true
        case .none: return false
        case .tooManySteps: throw Incomparable(reason: "the approvers of the rules meet in too many ways")
        }
    }
}

/// People on the seats of steps, one seat each, so that it costs least. A flow that grows seat by seat along cheapest paths.
struct SeatingPlan {
    private let counts: [Int]
    /// By what it costs to seat one of them in each step; nil: they may not sit there.
    private var people: [[Int?]: Int] = [:]

    init(counts: [Int]) { self.counts = counts }

    var seats: Int { counts.reduce(0, +) }

    mutating func add(_ costs: [Int?], people count: Int) {
        // More than there are seats make no difference.
        people[costs] = min(seats, (people[costs] ?? 0) + count)
    }

    /// nil: there are not enough people who may.
    var leastCost: Int? {
        let kinds = Array(people)
        var standing = kinds.map(\.value)
        var seated = kinds.map { _ in counts.map { _ in 0 } }
        var (open, total) = (counts, 0)
        while open.contains(where: { $0 > 0 }) {
            var reachingKind: [(cost: Int, from: Int?)?] = standing.map { $0 > 0 ? (0, nil) : nil }
            var reachingStep: [(cost: Int, from: Int)?] = counts.map { _ in nil }
            var isChanged = true
            while isChanged {
                isChanged = false
                for kind in kinds.indices {
                    for step in counts.indices {
                        guard let cost = kinds[kind].key[step] else { continue }
                        if let kindCost = reachingKind[kind]?.cost, kindCost + cost < reachingStep[step]?.cost ?? .max {
                            reachingStep[step] = (kindCost + cost, kind)
                            isChanged = true
                        }
                        // Somebody who sits there may move.
                        if seated[kind][step] > 0, let stepCost = reachingStep[step]?.cost,
                            stepCost - cost < reachingKind[kind]?.cost ?? .max
                        {
                            reachingKind[kind] = (stepCost - cost, step)
                            isChanged = true
                        }
                    }
                }
            }
            let reached = counts.indices.filter { open[$0] > 0 && reachingStep[$0] != nil }
            guard var step = reached.min(by: { reachingStep[$0]?.cost ?? .max < reachingStep[$1]?.cost ?? .max }) else {
                return nil
            }
            open[step] -= 1
            total += reachingStep[step]?.cost ?? 0
            while let kind = reachingStep[step]?.from {
                seated[kind][step] += 1
                guard let before = reachingKind[kind]?.from else {
                    standing[kind] -= 1
                    break
                }
                seated[kind][before] -= 1
                step = before
            }
        }
        return total
    }
}
