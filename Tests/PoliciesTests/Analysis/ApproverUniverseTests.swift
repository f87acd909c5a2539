// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Policies

/// Approvals compared by who can give them: everybody, in every state, in every gathering that is large enough.
@Suite struct `Approvers and all who can agree` {
    private struct World {
        var random: SeededGenerator

        mutating func pick<Element>(_ choices: [Element]) -> Element {
            choices[Int.random(in: choices.indices, using: &random)]
        }

        /// - Parameter several: whether one person would not do.
        private mutating func people(several: Bool = false) -> String {
            let one = ["{users: [ana@example.com]}", "{users: [cy@x.example], mfa: false}"]
            return pick(several ? many : many + one)
        }

        private let many = [
            "{groups: [a]}", "{groups: [a]}", "{groups: [b]}", "{groups: [a, b]}", "{groups: [duty]}",
            "{users: [ana@example.com, bo@example.com]}", "{users: [\"*@example.com\"]}", "{groups: [b], mfa: true}",
            "{users: [\"*@example.com\"], groups: [a]}",
            "{users: [cy@x.example, \"*@example.com\"]}",
        ]

        mutating func approval() -> String {
            switch pick([0, 1, 2, 3, 4]) {
            case 0: "{review: {by: \(people()), within: 8h}}"
            case 1: "{steps: [{by: \(people())}]}"
            case 2: "{steps: [{by: \(people(several: true)), count: 2}]}"
            case 3: "{steps: [{by: \(people())}, {by: \(people())}]}"
            default: "{steps: [{by: \(people())}, {by: \(people(several: true)), count: 2}]}"
            }
        }

        mutating func groups() -> String {
            let members = [
                "", "{members: [ana@example.com]}", "{members: [ana@example.com, bo@example.com]}", "{members: [cy@x.example]}",
            ]
            let (first, second) = (
                pick(members), pick(members + ["{groups: [a]}", "{members: [cy@x.example], groups: [duty]}"])
            )
            let turns = pick(["ana@example.com, bo@example.com", "bo@example.com, ana@example.com", "ana@example.com"])
            return "groups:\n" + (first.isEmpty ? "" : "  a: \(first)\n") + (second.isEmpty ? "" : "  b: \(second)\n")
                + "  duty: {rotation: {members: [\(turns)], every: 1w, starts: 2026-01-05T09:00, time_zone: UTC}}\n"
        }
    }

    private static let rotations: [Date] = [1_767_000_000, 1_767_603_600, 1_768_208_400].map { Date(timeIntervalSince1970: $0) }

    /// Three who are named, and of those who are not as many as any approval of this world asks for.
    private static let users =
        ["ana@example.com", "bo@example.com", "cy@x.example"] + (1...3).map { "p\($0)@example.com" }
        + (1...3).map { "z\($0)@y.example" }

    /// What one person can be for all steps together: one set of steps of each, in each state.
    private struct Standing: Hashable {
        let mine: Set<Int>
        let theirs: Set<Int>
    }

    private static func standings(_ user: String, _ mine: [Check], _ theirs: [Check]) -> Set<Standing> {
        var found: Set<Standing> = []
        let groups: [Known<Set<String>>] = [
            .unknown, .known([]), .known(["a"]), .known(["b"]), .known(["a", "b"]), .known(["duty"]),
        ]
        for said in groups {
            for mfa in [Known<Bool>.unknown, .known(true), .known(false)] {
                for instant in rotations {
                    let identity = Identity(
                        provider: "local", user: user, groups: said, claims: .known([:]), mfa: mfa)
                    func steps(_ checks: [Check]) -> Set<Int> {
                        Set(checks.indices.filter { checks[$0].holds(identity, instant) })
                    }
                    found.insert(Standing(mine: steps(mine), theirs: steps(theirs)))
                }
            }
        }
        // Whoever has no seat of mine is of no use, and a seat of theirs more makes nobody more of a stranger.
        return found.filter { standing in
            !standing.mine.isEmpty
                && !found.contains {
                    $0 != standing && standing.mine.isSubset(of: $0.mine) && $0.theirs.isSubset(of: standing.theirs)
                }
        }
    }

    /// One seat.
    private struct Check {
        let holds: (Identity, Date) -> Bool
    }

    /// A check for each seat, by what the service itself asks.
    private static func seats(of set: PolicySet) throws -> [Check] {
        let approval = try #require(set.approval(ofRule: "r"))
        if let review = approval.review { return [Check { set.isOne($0, of: review.by, at: $1) }] }
        return approval.steps.flatMap { step in
            Array(repeating: Check { set.isApprover($0, of: step, at: $1) }, count: step.count)
        }
    }

    private static func canFill(_ seats: Range<Int>, _ people: [Set<Int>]) -> Bool {
        guard let seat = seats.first else { return true }
        return people.indices.contains { person in
            var others = people
            others.remove(at: person)
            return people[person].contains(seat) && canFill(seats.dropFirst(), others)
        }
    }

    /// Whether some people approve by the one set and not by the other. Nobody is there who is not needed: more people only help.
    private static func isGained(_ mine: [Check], over theirs: [Check]) -> Bool {
        let possible = users.map { standings($0, mine, theirs) }
        func gather(_ people: [Standing], from next: Int) -> Bool {
            if people.count == mine.count {
                return canFill(mine.indices, people.map(\.mine)) && !canFill(theirs.indices, people.map(\.theirs))
            }
            return users.indices.dropFirst(next).contains { user in
                possible[user].contains { gather(people + [$0], from: user + 1) }
            }
        }
        return gather([], from: 0)
    }

    private static func set(_ groups: String, _ approval: String) throws -> PolicySet {
        try policies(
            groups + "roles: {r: {ssh: {principals: [x]}}}\n"
                + "allow: [{id: r, who: {everyone: true}, roles: [r], lifetime: {max: 1h}, approval: \(approval)}]\n")
    }

    @Test(arguments: Array(UInt64(1)...60))
    func `an approval is looser exactly when some people can give it who could not give the other`(seed: UInt64) throws {
        var world = World(random: SeededGenerator(seed: seed))
        let (oldGroups, oldApproval) = (world.groups(), world.approval())
        // Often the approval is as it was, and only who is in the groups is not.
        let (newGroups, newApproval) = (world.groups(), world.pick([true, false]) ? oldApproval : world.approval())
        let (old, new) = (try Self.set(oldGroups, oldApproval), try Self.set(newGroups, newApproval))
        let (before, after) = (try Self.seats(of: old), try Self.seats(of: new))
        let isGlass = (
            try #require(old.approval(ofRule: "r")).isBreakGlass, try #require(new.approval(ofRule: "r")).isBreakGlass
        )
        let expected =
            switch isGlass {
            case (true, false): (false, true)
            case (false, true): (true, false)
            default: (Self.isGained(after, over: before), Self.isGained(before, over: after))
            }
        let diff = new.diff(from: old)
        #expect(diff.changes.allSatisfy { $0.notComparedExactly == nil })
        let found = (diff.isWidening, diff.changes.contains { $0.direction == .narrows })
        #expect(found == expected, "seed \(seed): \(diff)\n\(oldGroups)\(oldApproval)\n\(newGroups)\(newApproval)")
    }

    @Test func `whoever is new among the approvers is named`() throws {
        let approval = "{steps: [{by: {groups: [leads]}}]}"
        let old = try Self.set("groups: {leads: {members: [bo@example.com]}}\n", approval)
        let new = try Self.set(
            "groups: {leads: {groups: [chiefs]}, chiefs: {members: [bo@example.com, cy@x.example]}}\n", approval)
        #expect("\(new.diff(from: old))".contains("`cy@x.example` can approve it"))
        #expect("\(old.diff(from: new))".contains("`cy@x.example` can no longer approve it"))
        #expect(old.diff(from: new).changes.map(\.direction) == [.narrows])
        let same = try Self.set("groups: {leads: {groups: [chiefs]}, chiefs: {members: [bo@example.com]}}\n", approval)
        // A provider may say of others that they are in the new group too.
        #expect(same.diff(from: old).isWidening)
        #expect(
            try Self.set("", "{steps: [{by: {users: [ana@example.com, bo@example.com]}, count: 2}]}").diff(
                from: Self.set("", "{steps: [{by: {users: [ana@example.com]}}, {by: {users: [bo@example.com]}}]}")
            ).changes == [])
    }
}
