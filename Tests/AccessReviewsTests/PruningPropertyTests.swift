// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Policies
import TestSupport
import Testing

@testable import AccessReviews

/// Random policies and random use of them, in a world so small that rules, groups and people meet often.
private struct RandomUse {
    var random: SeededGenerator

    static let users = ["ana@example.com", "bo@example.com", "cy@example.com", "dan@partner.example"]
    static let roles = ["one", "two", "three"]

    private mutating func people(atLeast least: Int) -> String {
        let picked = Self.users.shuffled(using: &random).prefix(Int.random(in: least...3, using: &random))
        return "[" + picked.joined(separator: ", ") + "]"
    }

    private mutating func block(_ list: String, indent: Int) -> String {
        let space = String(repeating: " ", count: indent)
        return list.dropFirst().dropLast().split(separator: ", ").map { "\n\(space)- \($0)  # as agreed" }.joined()
    }

    private mutating func who() -> String {
        random.pick([
            "{groups: [g1]}", "{groups: [g2]}", "{groups: [g1, g3]}", "{groups: [outer]}", "{groups: [said]}",
            "{everyone: true}",
            "{users: \(people(atLeast: 1))}", "{users: \(people(atLeast: 1))}",
            "{users: [\"*@example.com\", dan@partner.example]}",
            "{users: \(people(atLeast: 1)), groups: [g1, said]}", "{user: ana@example.com}", "{groups: [duty]}",
        ])
    }

    mutating func policy() -> String {
        var text = "version: 1\n# The world.\nzones: {web: {hosts: [\"web*.example.com\"]}}\n"
        text += "windows: {am: {hours: \"00:00-12:00\", time_zone: UTC}}\ngroups:\n"
        text += "  g1:\n    # one by one\n    members:\(block(people(atLeast: 1), indent: 6))\n"
        text += "  g2: {members: \(people(atLeast: 1))}  # all of it\n"
        text += "  g3:\n    groups: [g2]\n    members: \(people(atLeast: 1))\n"
        text += "  outer: {groups: [g3, said]}\n"
        text +=
            "  duty: {rotation: {members: [ana@example.com, bo@example.com], every: 1w, starts: 2026-01-05T10:00, time_zone: UTC}}\n"
        text += "roles:\n"
        for role in Self.roles { text += "  \(role): {ssh: {logins: [\(role)], zones: [web]}}\n" }
        text += "allow:\n"
        for index in 0..<Int.random(in: 2...6, using: &random) {
            let roles = random.pick(["[one]", "[one, two]", "[two, three]", "[\"t*\", one]", "[\"*\"]"])
            let approval = random.pick([
                "", "", "", "approval: {steps: [{by: {groups: [g2]}}]}",
                "approval: {review: {by: {groups: [leads]}, within: 1d}}",
            ])
            let window = random.pick(["", "", "during: am"])
            if Bool.random(using: &random) {
                let tail = [approval, window].filter { !$0.isEmpty }.map { ", \($0)" }.joined()
                text += "  - {id: r\(index), who: \(who()), roles: \(roles), lifetime: {max: 8h}\(tail)}\n"
            } else {
                let tail = [approval, window].filter { !$0.isEmpty }.map { "    \($0)\n" }.joined()
                text +=
                    "  # Rule \(index).\n  - id: r\(index)\n    who: \(who())\n    roles: \(roles)\n    lifetime: {max: 8h}\n\(tail)\n"
            }
        }
        if random.pick([true, false, false]) {
            text +=
                "deny:\n  - {id: never, who: \(random.pick(["{groups: [g2]}", "{users: [bo@example.com]}"])), roles: [one]}\n"
        }
        return text
    }

    mutating func identity() -> Identity {
        let user = random.pick(Self.users)
        let isLocal = !user.hasSuffix("partner.example")
        return person(
            user, groups: random.pick([[], [], ["said"], ["leads"]]), provider: isLocal ? "local" : "partner")
    }
}

@Suite struct PruningPropertyTests {
    @Test(arguments: UInt64(1)...120)
    func `a patch only narrows, and refuses nothing that was issued`(_ seed: UInt64) throws {
        var world = RandomUse(random: SeededGenerator(seed: seed))
        let files = [PolicyFile(name: "policies/p.yaml", text: world.policy())]
        let set = try PolicySet.load(files)
        let people = RandomUse.users.prefix(3).map { person($0, groups: world.random.pick([[], ["said"]])) }
        var log = SampleLog()
        try log.load(set, at: now - 100 * day)
        for step in 0..<Int.random(in: 0...12, using: &world.random) {
            let hours = world.random.pick([0.0, 1, 12])
            let time = now.addingTimeInterval(day * Double(7 * step - 90) + hours * 3600)
            var identity = world.identity()
            // Sometimes by somebody as the user file has them.
            if let known = people.first(where: { $0.user == identity.user }), Bool.random(using: &world.random) {
                identity = known
            }
            let grant = world.random.pick([nil, "k3x7mw2p4qza"])
            try log.issue(world.random.pick(RandomUse.roles), to: identity, under: set, at: time, grant: grant)
        }
        let start = now - 60 * day
        let access = log.access(set, from: start, people: people)
        let review = access.review
        let unused = review.unusedRights(log: access.log)
        let pruned = try set.pruned(files, of: unused)

        // Nobody gains, by the exact comparison.
        let diff = pruned.set.diff(from: set)
        #expect(diff.isWidening == false, "\(diff)\n\(files[0].text)\n\(pruned.files[0].text)")

        // What was issued in the period, and would be today, would be.
        var check = NarrowingCheck(from: set, to: pruned.set, since: AuditTime(start))
        for leaf in log.leaves { check.add(Array(leaf.utf8)) }
        #expect(check.refused == [], "\(files[0].text)\n\(pruned.files[0].text)")

        // What people hold afterwards they held before; what they used they still hold.
        for right in review.rights {
            guard let identity = (people + [world.identity()]).first(where: { $0.user == right.who }) else { continue }
            let (before, after) = (set.holdings(of: identity, at: now).held, pruned.set.holdings(of: identity, at: now).held)
            for holding in after { #expect(before.contains { ($0.rule, $0.role) == (holding.rule, holding.role) }) }
            let isHeldBefore = before.contains { ($0.rule, $0.role) == (right.rule, right.role) }
            if right.status != .unused, isHeldBefore {
                #expect(after.contains { ($0.rule, $0.role) == (right.rule, right.role) }, "\(right)")
            }
        }

        // Whole lines of comment stay, unless what they stand in goes.
        let comments = pruned.files[0].text.split(separator: "\n").filter { $0.contains("# The world.") }
        #expect(comments.count == 1)
        // A second review after the patch finds nothing more to take away.

        let again = log.access(pruned.set, from: start, people: people, baseline: .same)
        let second = try pruned.set.pruned(pruned.files, of: again.review.unusedRights(log: again.log))
        #expect(second.removals.isEmpty, "\(second.removals)\n\(files[0].text)\n\(pruned.files[0].text)")
    }
}

extension PolicyFile {
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
