// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Policies

@Suite struct `Rules found without looking at all` {
    /// Every rule on its own, without the index.
    private func matching(_ set: PolicySet, _ role: String, _ asker: Asker) -> (allows: [Int], denies: [Int]) {
        (
            set.allows.indices.filter { set.allows[$0].roles.contains(role) && set.allows[$0].condition.certainlyHolds(asker) },
            set.denies.indices.filter { set.denies[$0].roles.contains(role) && set.denies[$0].condition.mayHold(asker) }
        )
    }

    @Test(arguments: Array(UInt64(1)...40))
    func `the index misses no rule that applies`(seed: UInt64) throws {
        var world = RandomPolicies(seed: seed &+ 4_000)
        let set = try policies(
            RandomPolicies.definitions + "allow:\n" + (0..<12).map { world.allow($0) }.joined()
                + "deny:\n" + (0..<12).map { world.deny($0) }.joined())
        for _ in 0..<40 {
            let asker = Asker(world.identity(), groups: set.groups, at: anyTime)
            for role in RandomPolicies.roles {
                let expected = matching(set, role, asker)
                let allows = set.allowsByRole[role]?.certain(for: asker) ?? []
                let denies = set.deniesByRole[role]?.possible(for: asker) ?? []
                #expect(allows.filter { set.allows[$0].condition.certainlyHolds(asker) } == expected.allows)
                #expect(denies.filter { set.denies[$0].condition.mayHold(asker) } == expected.denies)
            }
        }
    }

    @Test func `of a thousand rules for one role, a decision looks at those that name the person`() throws {
        let rules = (0..<500).map { "  - {id: u\($0), who: {users: [u\($0)@example.com]}, roles: [a], lifetime: {max: 1h}}\n" }
        let groups = (0..<500).map { "  - {id: g\($0), who: {groups: [g\($0)]}, roles: [a], lifetime: {max: 2h}}\n" }
        let bans = (0..<500).map { "  - {id: d\($0), who: {groups: [d\($0)]}, roles: [a]}\n" }
        let set = try policies(
            "roles: {a: {ssh: {principals: [x]}}}\nallow:\n" + (rules + groups).joined() + "deny:\n" + bans.joined())
        let ana = person("u7@example.com", groups: .known(["g7", "g8"]))
        let asker = Asker(ana, groups: set.groups, at: anyTime)
        let found = try #require(set.allowsByRole["a"]?.certain(for: asker))
        #expect(found.map { set.allows[$0].reference.id } == ["g7", "g8", "u7"])
        #expect(set.deniesByRole["a"]?.possible(for: asker) == [])
        let vague = Asker(person("u7@example.com", groups: .unknown), groups: set.groups, at: anyTime)
        #expect(set.allowsByRole["a"]?.certain(for: vague).map { set.allows[$0].reference.id } == ["u7"])
        #expect(set.deniesByRole["a"]?.possible(for: vague).count == 500)
        #expect(set.answer(ana, try ssh("a", lifetime: .seconds(7200))).permit?.rule.id == "g7")
    }

    @Test func `a rule that names two groups of a person counts once`() throws {
        let set = try policies(
            "roles: {a: {ssh: {principals: [x]}}}\n"
                + "allow: [{id: r, who: {groups: [b, c]}, roles: [a], lifetime: {max: 1h}}]\n"
                + "deny: [{id: d, who: {groups: [d, e]}, roles: [a]}]\n")
        let asker = Asker(person(groups: .known(["b", "c"])), groups: set.groups, at: anyTime)
        #expect(set.allowsByRole["a"]?.certain(for: asker) == [0])
        #expect(set.answer(person(groups: .known(["b", "d", "e"])), try ssh("a")).denial == "denied by p.yaml:4 (`d`)")
    }
}
