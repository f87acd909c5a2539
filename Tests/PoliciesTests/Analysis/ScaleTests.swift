// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Policies

/// A thousand rules for one role, and ten thousand people in groups: answers whose cost must not be the cube of that, of which
/// nobody would see the end.
@Suite(.timeLimit(.minutes(20))) struct `A thousand rules` {
    /// What tells the rules apart.
    enum Kind: String, CaseIterable {
        case groups, users, networks, claims, lifetimes

        func rule(_ index: Int, id: String? = nil, hours: Int = 1) -> String {
            let condition =
                switch self {
                case .groups: "who: {groups: [g\(index)]}"
                case .users: "who: {user: u\(index)@example.com}"
                case .networks: "who: {everyone: true}, networks: [10.\(index / 200).\(index % 200).0/24]"
                // Spread, so that they have little of their text in common.
                case .claims: "who: {provider: ci, claims: {repository: \(index &* 7_919 % 1_000)/team/shop-\(index)}}"
                case .lifetimes: "who: {groups: [g\(index % 100)]}"
                }
            let lifetime = self == .lifetimes ? "\(hours * 3_600 + index)s" : "\(hours)h"
            let name = id ?? "r\(1_000 + index)"
            return "  - {id: \(name), roles: [shell], \(condition), lifetime: {max: \(lifetime)}}\n"
        }
    }

    static let count = 1_000

    private static let groups = (0..<count).map { group in
        let members = (0..<10).map { "u\(group * 10 + $0)@example.com" }.joined(separator: ", ")
        return "  g\(group): {members: [\(members)]}\n"
    }.joined()

    private func set(_ rules: [String], _ more: String = "") throws -> PolicySet {
        try policies(
            "zones: {web: {hosts: [\"web*.example.com\"]}}\ngroups:\n" + Self.groups
                + "roles: {shell: {ssh: {logins: [deploy], zones: [web]}}}\nallow:\n" + rules.joined() + more)
    }

    @Test(arguments: Kind.allCases)
    func `the two that do nothing are found among them`(_ kind: Kind) throws {
        let rules = (0..<Self.count).map { kind.rule($0) }
        let set = try set(
            rules + [kind.rule(7, id: "twin"), "  - {id: void, roles: [shell], who: {provider: x}, lifetime: {max: 1h}}\n"],
            "deny:\n  - {id: no-x, roles: [shell], who: {provider: x}}\n")
        let idle = set.lint(ceilings: nil).map(\.problem).filter { $0.hasPrefix("rule ") }
        #expect(
            idle.sorted() == [
                "rule `twin` never decides, for others always give as much",
                "rule `void` gives nothing, for p.yaml:2009 (`no-x`) denies all of it",
            ])
        #expect(try set.ways(to: .ssh(login: "deploy", host: HostName("web1.example.com"))).count == Self.count + 1)
    }

    @Test(arguments: [Kind.groups, .claims])
    func `each of them that lasts longer is a change, and no other is`(_ kind: Kind) throws {
        let before = try set((0..<Self.count).map { kind.rule($0) })
        let after = try set((0..<Self.count).map { kind.rule($0, hours: $0 == 7 ? 1 : 8) })
        let diff = after.diff(from: before)
        #expect(diff.changes.count == Self.count - 1)
        #expect(
            diff.changes.allSatisfy { change in
                change.direction == .widens && change.rule != "r1007" && change.notComparedExactly == nil
                    && change.details.count == 1 && change.details[0].hasPrefix("lifetime ")
            })
    }
}
