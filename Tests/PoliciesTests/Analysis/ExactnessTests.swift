// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Policies

/// Random rules over everything rules can look at.
private struct RandomRights {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    static let definitions = """
        zones: {web: {hosts: ["web*.example.com"]}}
        windows:
          day: {days: mon-fri, hours: "08:00-18:00", time_zone: UTC}
          morning: {days: mon-fri, hours: "08:00-12:00", time_zone: UTC}
          afternoon: {days: mon-fri, hours: "12:00-18:00", time_zone: UTC}
          freeze: {dates: "2026-02-02..2026-02-03", time_zone: UTC}
        groups:
          c: {members: [bo@example.com]}
          d: {groups: [c, b]}
          duty: {rotation: {members: [ana@example.com, bo@example.com], every: 1w, starts: 2026-01-05T10:00, time_zone: UTC}}
        roles:
          shell: {ssh: {logins: [deploy], zones: [web]}}

        """

    mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    private mutating func condition() -> String {
        let who = pick([
            "{everyone: true}", "{groups: [a]}", "{groups: [b]}", "{groups: [c]}", "{groups: [d]}", "{groups: [duty]}",
            "{groups: [a, duty]}", "{groups: [a], mfa: true}", "{mfa: false}", "{mfa: true}", "{user: ana@example.com}",
            "{users: [\"*@example.com\"]}", "{users: [\"*@example.com\"], groups: [b]}", "{provider: local}",
            "{provider: ci, claims: {ref: main}}", "{provider: ci, claims: {ref: \"ma*\"}}",
            "{provider: ci, claims: {ref: \"*/x\"}}", "{provider: ci, claims: {ref: 7}}", "{authenticated_within: 15m}",
            "{authenticated_within: 1h}",
        ])
        let network = pick(["", "", "", "[10.0.0.0/8]", "[10.0.0.0/9]", "[10.128.0.0/9]", "[10.0.0.0/9, 10.128.0.0/9]"])
        let window = pick(["", "", "", "day", "morning", "afternoon", "[morning, afternoon]", "freeze"])
        return "who: \(who), roles: [shell]" + (network.isEmpty ? "" : ", networks: \(network)")
            + (window.isEmpty ? "" : ", during: \(window)")
    }

    mutating func allow(_ index: Int) -> String {
        let demand = pick([
            "", "", "", ", reason: {required: true}", ", reason: {pattern: '^INC'}", ", ticket: {pattern: '7$'}",
        ])
        let approval = pick(["", "", ", approval: {steps: [{by: {groups: [a]}}], grant: 8h}"])
        return "  - {id: r\(index), \(condition()), lifetime: {max: \(pick(["30m", "2h", "8h"]))}\(demand)\(approval)}\n"
    }

    mutating func deny(_ index: Int) -> String { "  - {id: d\(index), \(condition())}\n" }

    mutating func set() throws -> (text: String, set: PolicySet) {
        let allows = (0..<pick([1, 2, 3])).map { allow($0) }
        let denies = (0..<pick([0, 0, 1, 2])).map { deny($0) }
        let text = Self.definitions + "allow:\n" + allows.joined() + (denies.isEmpty ? "" : "deny:\n" + denies.joined())
        return (text, try policies(text))
    }

    mutating func situation() throws -> (Identity, AuthorizationRequest, Date) {
        // From before the first turn to after the freeze, near edges and in between.
        let hour = Int.random(in: -30..<(24 * 42), using: &random)
        let instant = Date(timeIntervalSince1970: Double(1_767_571_200 + hour * 3600 + pick([0, 1, 1799, 3599])))
        let identity = Identity(
            provider: pick(["local", "ci", "other"]), user: pick(["ana@example.com", "bo@example.com", "kim@x.example", nil]),
            groups: pick([.unknown, .known([]), .known(["a"]), .known(["b"]), .known(["a", "c"]), .known(["a", "b", "duty"])]),
            claims: pick([
                .unknown, .known([:]), .known(["ref": .string("main")]), .known(["ref": .string("ma/x")]),
                .known(["ref": .list([.string("main"), .int(7)])]), .known(["ref": .absent]),
            ]),
            mfa: pick([.unknown, .known(true), .known(false)]),
            authenticatedAt: pick([.unknown, .known(instant - 900), .known(instant - 901), .known(instant - 4000)]),
            address: pick([nil, IPAddress("10.1.1.1"), IPAddress("10.200.1.1"), IPAddress("192.0.2.9")]))
        let request = try ssh(
            "shell", lifetime: .seconds(pick([1, 1800, 1801, 7200, 28_800])), reason: pick([nil, "INC-1", "other"]),
            ticket: pick([nil, "T-7", "other"]), route: pick([.issue, .request]))
        return (identity, request, instant)
    }
}

/// What a decision gives, in the order of how much it is.
private enum Given: Equatable {
    case nothing
    case afterApproval(Duration)
    case atOnce(Duration)

    init(_ decision: Decision) {
        switch decision {
        case .deny: self = .nothing
        case .needsApproval(let offer): self = .afterApproval(offer.lifetime)
        case .allow(let permit): self = .atOnce(permit.lifetime)
        }
    }

    func isMore(than others: [Given]) -> Bool {
        others.allSatisfy { other in
            switch (self, other) {
            case (.nothing, _): false
            case (_, .nothing): true
            case (.atOnce(let mine), .atOnce(let theirs)), (.afterApproval(let mine), .afterApproval(let theirs)),
                (.afterApproval(let mine), .atOnce(let theirs)):
                mine > theirs
            case (.atOnce, .afterApproval): true
            }
        }
    }
}

extension PolicySet {
    /// By both routes: what needs approval by one may be there at once by the other.
    fileprivate func given(_ identity: Identity, _ request: AuthorizationRequest, at instant: Date) throws -> [Given] {
        try [AuthorizationRequest.Route.issue, .request].map { route in
            Given(
                decide(
                    identity,
                    try AuthorizationRequest(
                        role: request.role, what: request.what, lifetime: request.lifetime, reason: request.reason,
                        ticket: request.ticket, route: route), at: instant))
        }
    }

    fileprivate func given(_ situation: Situation) throws -> (asked: Given, any: [Given]) {
        let request = try ssh(
            "shell", lifetime: situation.lifetime, reason: situation.reason, ticket: situation.ticket, route: situation.route)
        return (
            Given(decide(situation.identity, request, at: situation.instant)),
            try given(situation.identity, request, at: situation.instant)
        )
    }
}

@Suite struct `Exact comparison` {
    /// Neither a false alarm nor a change that is missed.
    @Test(arguments: Array(UInt64(1)...150))
    func `a difference is called a change exactly when a decision differs`(seed: UInt64) throws {
        var world = RandomRights(seed: seed)
        let (old, new) = (try world.set(), try world.set())
        let diff = new.set.diff(from: old.set)
        for change in diff.changes {
            #expect(change.notComparedExactly == nil)
            let situation = try #require(change.situation)
            let (more, less) = change.direction == .widens ? (new.set, old.set) : (old.set, new.set)
            let (with, without) = (try more.given(situation), try less.given(situation))
            #expect(
                with.asked.isMore(than: without.any),
                "seed \(seed): \(change): \(with) and \(without)\n\(old.text)\n\(new.text)")
        }
        let directions = Set(diff.changes.map(\.direction))
        for _ in 0..<40 {
            let (identity, request, instant) = try world.situation()
            let (before, after) = (
                try old.set.given(identity, request, at: instant), try new.set.given(identity, request, at: instant)
            )
            let gained = after.contains { $0.isMore(than: before) }
            let lost = before.contains { $0.isMore(than: after) }
            let isSaid = (!gained || directions.contains(.widens)) && (!lost || directions.contains(.narrows))
            #expect(
                isSaid, "seed \(seed): \(before) → \(after) of \(identity), \(request), \(instant)\n\(old.text)\n\(new.text)")
            if !isSaid { return }
        }
    }

    @Test(arguments: Array(UInt64(1)...50))
    func `a rule that decides is never said to do nothing`(seed: UInt64) throws {
        var world = RandomRights(seed: seed &+ 3_000)
        let (text, set) = try world.set()
        var deciding: Set<String> = []
        for _ in 0..<100 {
            let (identity, request, instant) = try world.situation()
            switch set.decide(identity, request, at: instant) {
            case .allow(let permit): deciding.insert(permit.rule.id)
            case .needsApproval(let offer): deciding.insert(offer.rule.id)
            case .deny: break
            }
        }
        let ways = Set(try set.ways(to: .ssh(login: "deploy", host: HostName("web1.example.com"))).map(\.rule))
        let warnings = set.lint(ceilings: nil)
        for (rule, reach) in set.reaches(in: try #require(set.roles["shell"])) {
            let (id, reach) = (rule.reference.id, try reach.get())
            #expect(ways.contains(id) == reach.gives)
            #expect(!deciding.contains(id) || reach.isEverChosen, "\(id)\n\(text)")
            let isWarned = warnings.contains { $0.problem.contains("rule `\(id)` ") && !$0.problem.contains("no test") }
            #expect(isWarned == !(reach.gives && reach.isEverChosen))
        }
    }

    private func diff(_ old: String, _ new: String) throws -> PolicyDiff {
        try policies(RandomRights.definitions + new).diff(from: policies(RandomRights.definitions + old))
    }

    static let sameRights: [(String, String)] = [
        (
            "allow:\n  - {id: one, who: {everyone: true}, roles: [shell], networks: [10.0.0.0/8], lifetime: {max: 1h}}\n",
            "allow:\n  - {id: low, who: {everyone: true}, roles: [shell], networks: [10.0.0.0/9], lifetime: {max: 1h}}\n"
                + "  - {id: high, who: {everyone: true}, roles: [shell], networks: [10.128.0.0/9], lifetime: {max: 1h}}\n"
        ),
        (
            "allow:\n  - {id: one, who: {groups: [a], mfa: true}, roles: [shell], lifetime: {max: 1h}}\n",
            "allow:\n  - {id: one, who: {groups: [a]}, roles: [shell], lifetime: {max: 1h}}\n"
                + "deny:\n  - {id: none, who: {mfa: false}, roles: [shell]}\n"
        ),
        (
            "allow:\n  - {id: one, who: {everyone: true}, roles: [shell], during: day, lifetime: {max: 1h}}\n",
            "allow:\n  - {id: one, who: {everyone: true}, roles: [shell], during: [morning, afternoon], lifetime: {max: 1h}}\n"
        ),
        (
            "allow:\n  - {id: one, who: {everyone: true}, roles: [shell], lifetime: {max: 1h}, reason: {pattern: 'INC'}}\n",
            "allow:\n  - {id: one, who: {everyone: true}, roles: [shell], lifetime: {max: 1h}, reason: {pattern: 'I(N)C'}}\n"
        ),
    ]

    @Test(arguments: sameRights)
    func `rights that are split or said otherwise are no change`(old: String, new: String) throws {
        #expect(try diff(old, new).changes == [])
    }

    @Test func `two rules for half a day each do not last as long as one for all of it`() throws {
        let rule = "who: {everyone: true}, roles: [shell], lifetime: {max: 2h}"
        let halves = "allow:\n  - {id: one, \(rule), during: morning}\n  - {id: two, \(rule), during: afternoon}\n"
        let changes = try diff(halves, "allow:\n  - {id: one, \(rule), during: day}\n").changes
        #expect(changes.map(\.direction) == [.widens])
        let example = try #require(changes.first?.situation)
        #expect(example.lifetime.map { $0 > .seconds(1) } == true && example.dependsOnTime)
    }

    @Test func `what cannot be compared exactly is called a change, and why is said`() throws {
        let rule = "who: {everyone: true}, roles: [shell], lifetime: {max: 1h}"
        let changes = try diff(
            "allow:\n  - {id: one, \(rule), reason: {pattern: 'ä'}}\n",
            "allow:\n  - {id: one, \(rule), reason: {pattern: 'ä+'}}\n"
        ).changes
        #expect(changes.count == 2)
        #expect(
            changes.allSatisfy { "\($0)".contains("could not be compared exactly: the patterns of the reason are too many") })
    }

    @Test func `rules that cannot do anything are warned of`() throws {
        let rule = "roles: [shell], lifetime: {max: 1h}"
        let set = try policies(
            RandomRights.definitions + """
                allow:
                  - {id: a-wins, who: {everyone: true}, \(rule), networks: [192.0.2.0/24]}
                  - {id: halves, who: {groups: [b]}, \(rule)}
                  - {id: later, who: {groups: [a]}, \(rule), networks: [192.0.2.0/25]}
                deny:
                  - {id: no-token, who: {groups: [b], mfa: true}, roles: [shell]}
                  - {id: token, who: {groups: [b], mfa: false}, roles: [shell]}
                """)
        let warnings = set.lint(ceilings: nil).map(\.problem).filter { $0.hasPrefix("rule ") }
        #expect(
            warnings == [
                "rule `halves` gives nothing, for p.yaml:19 (`no-token`) and p.yaml:20 (`token`) deny all of it",
                "rule `later` never decides, for others always give as much",
            ])
    }
}
