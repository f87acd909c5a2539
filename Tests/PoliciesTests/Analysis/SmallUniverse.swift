// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

@testable import Policies

/// A vocabulary of few words for rules, and with it every request that such rules tell apart: what holds for all of these holds
/// for all there are.
struct SmallUniverse: Sendable, CustomStringConvertible {
    struct Point: Sendable {
        var identity = Identity(
            provider: "local", user: "kim@x.example", groups: .known([]), claims: .known([:]), mfa: .known(false),
            authenticatedAt: .known(Self.start), address: IPAddress("192.0.2.9"))
        var reason: String?
        var ticket: String?
        var instant = Self.start

        /// Thursday 2026-01-01T00:00:00Z.
        static let start = Date(timeIntervalSince1970: 1_767_225_600)

        func request(
            lifetime: Duration? = .seconds(Rule.longest), route: AuthorizationRequest.Route = .issue, rule: String? = nil
        ) throws -> AuthorizationRequest {
            try AuthorizationRequest(
                role: "shell", what: .ssh(logins: ["deploy"], host: HostName("web1.example.com")), lifetime: lifetime,
                reason: reason, ticket: ticket, route: route, rule: rule)
        }
    }

    let description: String
    /// How many random sets of rules are held against it: fewer where it is larger.
    let seeds: UInt64
    /// Words of `who`, `networks` and `during`, as a rule has them after its id.
    let conditions: [String]
    var demands = [""]
    let points: [Point]

    static let definitions = """
        zones: {web: {hosts: ["web*.example.com"]}}
        windows:
          day: {days: mon, hours: "08:00-18:00", time_zone: UTC}
          morning: {days: mon, hours: "08:00-12:00", time_zone: UTC}
          afternoon: {days: mon, hours: "12:00-18:00", time_zone: UTC}
          freeze: {dates: "2026-02-02..2026-02-02", time_zone: UTC}
        groups:
          c: {members: [bo@example.com]}
          d: {groups: [c, b]}
          duty: {rotation: {members: [ana@example.com, bo@example.com], every: 1w, starts: 2026-01-26T10:00, time_zone: UTC}}
        roles:
          shell: {ssh: {logins: [deploy], zones: [web], principals: [ops]}}

        """

    static let all = [people, workloads, places, times, mixed]

    /// Users, what a provider says of groups, and the second factor.
    static let people = SmallUniverse(
        description: "people", seeds: 30,
        conditions: [
            "who: {everyone: true}", "who: {groups: [a]}", "who: {groups: [b]}", "who: {groups: [c]}", "who: {groups: [d]}",
            "who: {groups: [a, c]}", "who: {groups: [a], mfa: true}", "who: {mfa: false}", "who: {mfa: true}",
            "who: {user: ana@example.com}", "who: {users: [\"*@example.com\"]}",
            "who: {users: [\"*@example.com\"], groups: [b]}", "who: {users: [bo@example.com], groups: [a], mfa: false}",
        ],
        points: [Point()]
            .each(["ana@example.com", "bo@example.com", "eve@example.com", "kim@x.example", nil]) { $0.identity.user = $1 }
            .each(said(["a", "b", "c", "d"])) { $0.identity.groups = $1 }
            .each(factors) { $0.identity.mfa = $1 })

    /// Providers, every set of values of a claim, and the age of the login.
    static let workloads = SmallUniverse(
        description: "workloads", seeds: 20,
        conditions: [
            "who: {everyone: true}", "who: {provider: local}", "who: {provider: ci}",
            "who: {provider: ci, claims: {ref: main}}", "who: {provider: ci, claims: {ref: \"ma*\"}}",
            "who: {provider: ci, claims: {ref: \"*/x\"}}", "who: {provider: ci, claims: {ref: [main, 7]}}",
            "who: {provider: ci, claims: {ref: \"**\"}}", "who: {provider: ci, claims: {ref: 7}, authenticated_within: 15m}",
            "who: {authenticated_within: 15m}", "who: {authenticated_within: 1h}",
        ],
        points: [Point()]
            .each([nil]) { $0.identity.user = $1 }
            .each(["local", "ci", "other"]) { $0.identity.provider = $1 }
            .each(claims) { $0.identity.claims = $1 }
            .each([nil, 900, 901, 3601]) { point, age in
                point.identity.authenticatedAt = age.map { .known(Point.start - $0) } ?? .unknown
            })

    private static let claims: [Known<[String: ClaimValue]>] = {
        let values: [ClaimValue] = [.string("main"), .string("mab"), .string("q/x"), .string("r"), .int(7)]
        let sets = subsets(values).filter { !$0.isEmpty }
        return [.unknown, .known([:]), .known(["ref": .absent])]
            + sets.map { .known(["ref": $0.count == 1 ? $0[0] : .list($0)]) }
    }()

    /// Networks, reasons and tickets.
    static let places = SmallUniverse(
        description: "places", seeds: 40,
        conditions: [
            "who: {everyone: true}", "who: {everyone: true}, networks: [10.0.0.0/8]",
            "who: {everyone: true}, networks: [10.0.0.0/9]", "who: {everyone: true}, networks: [10.128.0.0/9]",
            "who: {everyone: true}, networks: [10.0.0.0/9, 10.128.0.0/9]", "who: {everyone: true}, networks: [0.0.0.0/0]",
            "who: {everyone: true}, networks: [\"2001:db8::/32\"]",
        ],
        demands: [
            "", "", ", reason: {required: true}", ", reason: {required: false, pattern: '^INC'}", ", reason: {pattern: '^INC'}",
            ", reason: {pattern: '7$'}", ", reason: {pattern: '^I.*7$'}", ", ticket: {pattern: '^T'}",
            ", ticket: {required: true}",
            ", reason: {pattern: '^INC'}, ticket: {pattern: '^T'}",
        ],
        points: [Point()]
            .each([nil, "10.1.1.1", "10.200.1.1", "192.0.2.9", "2001:db8::1", "2001:db9::1"]) { point, address in
                point.identity.address = address.flatMap { IPAddress($0) }
            }
            .each([nil, "INC-1", "INC-7", "I-7", "7", "x"]) { $0.reason = $1 }
            .each([nil, "T", "x"]) { $0.ticket = $1 })

    /// Windows and turns, at the first and the last second of every stretch in which nothing changes. Each stretch lasts at least as
    /// long as any certificate, so that no other second tells more.
    static let times = SmallUniverse(
        description: "times", seeds: 16,
        conditions: [
            "who: {everyone: true}", "who: {groups: [duty]}", "who: {user: ana@example.com}", "who: {groups: [duty, c]}",
            "who: {everyone: true}, during: day", "who: {everyone: true}, during: morning",
            "who: {everyone: true}, during: afternoon", "who: {everyone: true}, during: [morning, afternoon]",
            "who: {everyone: true}, during: freeze", "who: {groups: [duty]}, during: day",
            "who: {groups: [duty]}, during: freeze",
        ],
        points: [Point()]
            .each(edges) { point, instant in
                point.instant = instant
                point.identity.authenticatedAt = .known(instant)
            }
            .each(["ana@example.com", "bo@example.com", "kim@x.example"]) { $0.identity.user = $1 }
            .each(said(["duty"])) { $0.identity.groups = $1 })

    /// Some of everything.
    static let mixed = SmallUniverse(
        description: "mixed", seeds: 10,
        conditions: [
            "who: {everyone: true}", "who: {groups: [a]}", "who: {groups: [a], mfa: true}", "who: {mfa: false}",
            "who: {groups: [a]}, during: day", "who: {everyone: true}, during: day", "who: {mfa: true}, networks: [10.0.0.0/8]",
            "who: {everyone: true}, networks: [10.0.0.0/8], during: day", "who: {provider: ci, claims: {ref: main}}",
            "who: {provider: ci}",
        ],
        demands: ["", "", ", reason: {required: true}"],
        points: [Point()]
            .each(said(["a"])) { $0.identity.groups = $1 }
            .each(factors) { $0.identity.mfa = $1 }
            .each([nil, "10.1.1.1", "192.0.2.9"]) { point, address in
                point.identity.address = address.flatMap { IPAddress($0) }
            }
            .each([nil, "main", "r", "unknown"]) { point, ref in
                point.identity.provider = ref == nil ? "local" : "ci"
                point.identity.claims = ref == "unknown" ? .unknown : .known(ref.map { ["ref": .string($0)] } ?? [:])
            }
            .each([0, 8 * 3600 - 1, 8 * 3600, 18 * 3600 - 1]) { point, seconds in
                point.instant = Date(timeIntervalSince1970: Double(firstMonday + seconds))
                point.identity.authenticatedAt = .known(point.instant)
            }
            .each([nil, "x"]) { $0.reason = $1 })

    private static let firstMonday = 1_768_780_800  // 2026-01-19, before the first turn

    /// From here on everything comes again.
    static let settled = Date(timeIntervalSince1970: Double(firstMonday + 3 * 7 * 86_400))

    /// Mondays before the first turn, with it, with the freeze, and two with turns alone.
    private static let edges = (0..<5).flatMap { week in
        [0, 8, 10, 12, 18, 24].flatMap { hour in
            [-1, 0].map { Date(timeIntervalSince1970: Double(firstMonday + week * 7 * 86_400 + hour * 3600 + $0)) }
        }
    }

    private static func subsets<Element>(_ elements: [Element]) -> [[Element]] {
        elements.reduce([[]]) { subsets, element in subsets + subsets.map { $0 + [element] } }
    }

    /// What a provider may say of groups.
    private static func said(_ groups: [String]) -> [Known<Set<String>>] {
        [.unknown] + subsets(groups).map { .known(Set($0)) }
    }

    private static let factors: [Known<Bool>] = [.unknown, .known(true), .known(false)]
}

extension [SmallUniverse.Point] {
    /// Each of them with each of the values.
    fileprivate func each<Value>(_ values: [Value], _ change: (inout SmallUniverse.Point, Value) -> Void) -> Self {
        flatMap { point in
            values.map { value in
                var point = point
                change(&point, value)
                return point
            }
        }
    }
}

extension SmallUniverse {
    /// A rule in random words of a universe.
    struct Rule {
        /// Seconds. No certificate lasts longer than any stretch of time in which nothing changes.
        static let longest = 7200

        let id: String
        let text: String
    }

    /// Random rules of a universe.
    struct Author {
        let universe: SmallUniverse
        var random: SeededGenerator

        init(_ universe: SmallUniverse, seed: UInt64) { (self.universe, random) = (universe, SeededGenerator(seed: seed)) }

        mutating func pick<Element>(_ choices: [Element]) -> Element {
            choices[Int.random(in: choices.indices, using: &random)]
        }

        mutating func allow(_ index: Int) -> Rule {
            let lifetime = pick(["{max: 30m}", "{default: 30m, max: 2h}", "{default: 1h, max: 2h}", "{default: 20m, max: 1h}"])
            let approval = pick([
                "", "", "", ", approval: {steps: [{by: {groups: [a]}}], grant: 8h}",
                ", approval: {steps: [{by: {groups: [a]}}], grant: 8h, signed: key}",
                ", approval: {steps: [{by: {groups: [a]}}], grant: 8h, wait: 20m}",
                ", approval: {steps: [{by: {groups: [a]}}], grant: 8h, recheck: revoke}",
                ", approval: {steps: [{by: {groups: [a]}, count: 2}], grant: 8h}",
                ", approval: {steps: [{by: {groups: [c]}}], grant: 8h}",
                ", approval: {steps: [{by: {groups: [d]}}], grant: 8h}",
                ", approval: {steps: [{by: {groups: [b, c]}}], grant: 8h, wait: 20m}",
                ", approval: {review: {by: {groups: [a]}, within: 8h}, grant: 8h}",
                ", approval: {review: {by: {groups: [a]}, within: 1d}, grant: 8h}",
            ])
            let words = "\(pick(universe.conditions)), lifetime: \(lifetime)\(pick(universe.demands))\(approval)"
            return Rule(id: "r\(index)", text: "  - {id: r\(index), roles: [shell], \(words)}\n")
        }

        mutating func deny(_ index: Int) -> Rule {
            Rule(id: "d\(index)", text: "  - {id: d\(index), roles: [shell], \(pick(universe.conditions))}\n")
        }

        mutating func rules() -> (allows: [Rule], denies: [Rule]) {
            ((0..<pick([1, 2, 3])).map { allow($0) }, (0..<pick([0, 0, 1, 2])).map { deny($0) })
        }
    }

    static func text(_ allows: [Rule], _ denies: [Rule]) -> String {
        definitions + (allows.isEmpty ? "" : "allow:\n" + allows.map(\.text).joined())
            + (denies.isEmpty ? "" : "deny:\n" + denies.map(\.text).joined())
    }

    static func set(_ allows: [Rule], _ denies: [Rule]) throws -> PolicySet { try policies(text(allows, denies)) }
}
