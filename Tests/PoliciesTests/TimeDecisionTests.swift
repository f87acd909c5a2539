// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Policies

private func seconds(_ text: String) throws -> Int { try at(text) }

private let base = """
    windows:
      office: {days: mon-fri, hours: "08:00-19:00", time_zone: UTC}
      evening: {days: mon-fri, hours: "19:00-22:00", time_zone: UTC}
      weekdays: {days: mon-fri, time_zone: UTC}
      freeze: {dates: "2026-12-20..2027-01-02", time_zone: UTC}
      past: {dates: "2026-01-01..2026-01-02", time_zone: UTC}
    groups:
      duty:
        rotation:
          members: [ana@example.com, bo@example.com]
          every: 1w
          starts: 2026-11-02T09:00
          time_zone: UTC
          overrides: {2026-11-25: [bo@example.com, cy@example.com]}
      staff: {groups: [duty, seniors]}
    roles:
      shell: {ssh: {principals: [x]}}
      audit: {capabilities: [audit.read]}

    """

extension PolicySet {
    fileprivate func answer(
        _ identity: Identity, _ hours: Int64? = nil, at text: String, role: String = "shell"
    ) throws -> Decision {
        decide(
            identity, try ssh(role, lifetime: hours.map { .seconds($0 * 3_600) }),
            at: Date(timeIntervalSince1970: Double(try seconds(text))))
    }
}

@Suite struct `Rules with windows` {
    private let rule = "allow: [{id: r, who: {everyone: true}, roles: [shell], during: office, lifetime: {max: 4h}}]\n"

    @Test(arguments: [
        ("2026-11-23T07:59:59Z", false), ("2026-11-23T08:00:00Z", true), ("2026-11-23T18:59:59Z", true),
        ("2026-11-23T19:00:00Z", false), ("2026-11-22T12:00:00Z", false),
    ])
    func `hold from the first second to the last`(instant: String, allowed: Bool) throws {
        #expect((try policies(base + rule).answer(person(), at: instant).permit != nil) == allowed)
    }

    @Test func `part of a second does not change the answer`() throws {
        let set = try policies(base + rule)
        let end = Date(timeIntervalSince1970: Double(try at("2026-11-23T19:00:00Z")))
        let permit = set.decide(person(), try ssh("shell"), at: end.addingTimeInterval(-0.25)).permit
        #expect(permit?.lifetime == .seconds(1))
        #expect(permit?.ends == end)
    }

    @Test func `a list of windows is any of them`() throws {
        let set = try policies(
            base + "allow: [{id: r, who: {everyone: true}, roles: [shell], during: [office, freeze], lifetime: {max: 4h}}]\n")
        for (instant, allowed) in [
            ("2026-11-23T12:00:00Z", true), ("2026-12-20T03:00:00Z", true), ("2026-12-22T12:00:00Z", true),
            ("2026-12-19T12:00:00Z", false),
        ] { #expect((try set.answer(person(), at: instant).permit != nil) == allowed) }
    }

    @Test(arguments: [
        ("office", "2026-11-23T19:00:00Z", "it is outside window `office`, open again at 2026-11-24T08:00:00Z"),
        ("office", "2026-11-21T10:00:00Z", "it is outside window `office`, open again at 2026-11-23T08:00:00Z"),
        ("past", "2026-11-21T10:00:00Z", "it is outside window `past`, which will not open again"),
        (
            "[office, past, freeze]", "2026-12-18T20:00:00Z",
            "it is outside windows `office`, `past`, `freeze`, open again at 2026-12-20T00:00:00Z"
        ),
    ])
    func `a refusal says when it can be tried again`(during: String, instant: String, because: String) throws {
        let set = try policies(
            base + "allow: [{id: r, who: {everyone: true}, roles: [shell], during: \(during), lifetime: {max: 4h}}]\n")
        #expect(try set.answer(person(), at: instant).denial == "not allowed by p.yaml:20 (`r`): " + because)
    }

    @Test func `a deny rule holds while its window is open`() throws {
        let set = try policies(
            base + "allow: [{id: r, who: {everyone: true}, roles: [shell], lifetime: {max: 1h}}]\n"
                + "deny: [{id: d, who: {everyone: true}, roles: [shell], during: freeze}]\n")
        #expect(try set.answer(person(), at: "2026-12-19T12:00:00Z").permit != nil)
        #expect(try set.answer(person(), at: "2026-12-20T00:00:00Z").denial == "denied by p.yaml:21 (`d`)")
        #expect(try set.answer(person(), at: "2027-01-02T23:59:59Z").denial == "denied by p.yaml:21 (`d`)")
        #expect(try set.answer(person(), at: "2027-01-03T00:00:00Z").permit?.lifetime == .seconds(3_600))
    }

    @Test func `overviews are of the instant`() throws {
        let set = try policies(
            "zones: {web: {hosts: [web]}}\n"
                + base.replacing("roles:\n", with: "roles:\n  login: {ssh: {logins: [deploy], zones: [web]}}\n") + """
                    allow:
                      - {id: r, who: {everyone: true}, roles: [login], during: office, lifetime: {max: 4h}}
                      - {id: a, who: {groups: [duty]}, roles: [audit]}

                    """)
        let host = try HostName("web")
        for (user, instant, names) in [
            ("ana@example.com", "2026-11-02T09:00:00Z", ["audit", "login"]),
            ("ana@example.com", "2026-11-08T12:00:00Z", ["audit"]),
            ("ana@example.com", "2026-11-09T08:59:59Z", ["audit", "login"]),
            ("ana@example.com", "2026-11-09T09:00:00Z", ["login"]),
            ("bo@example.com", "2026-11-09T09:00:00Z", ["audit", "login"]),
            ("ana@example.com", "2026-11-09T19:00:00Z", []),
        ] {
            let (asker, date) = (person(user), Date(timeIntervalSince1970: Double(try at(instant))))
            #expect(set.roles(for: asker, at: date).map(\.name) == names)
            let mayAudit = if case .allow = set.hasCapability(.auditRead, asker, at: date) { true } else { false }
            #expect(mayAudit == names.contains("audit"))
            let choice = set.roleReaching(host: host, login: nil, for: asker, at: date)
            #expect((choice == .role("login")) == names.contains("login"))
        }
    }
}

@Suite struct `Rotations as groups` {
    private let rule = "allow: [{id: r, who: {groups: [GROUP]}, roles: [shell], lifetime: {max: 4h}}]\n"

    @Test(arguments: ["duty", "staff"])
    func `hold whose turn it is, also inside other groups`(group: String) throws {
        let set = try policies(base + rule.replacing("GROUP", with: group))
        let (ana, bo, cy) = (person(), person("bo@example.com"), person("cy@example.com", groups: .unknown))
        for (instant, allowed) in [
            ("2026-11-02T08:59:59Z", [false, false, false]), ("2026-11-02T09:00:00Z", [true, false, false]),
            ("2026-11-09T08:59:59Z", [true, false, false]), ("2026-11-09T09:00:00Z", [false, true, false]),
            ("2026-11-25T08:59:59Z", [false, true, false]), ("2026-11-25T09:00:00Z", [false, true, true]),
            ("2026-11-26T09:00:00Z", [false, true, false]), ("2026-11-30T09:00:00Z", [true, false, false]),
        ] {
            for (asker, expected) in zip([ana, bo, cy], allowed) {
                #expect((try set.answer(asker, at: instant).permit != nil) == expected, "\(asker.user ?? "") \(instant)")
            }
        }
    }

    @Test func `a refusal says that it is not their turn`() throws {
        let set = try policies(base + rule.replacing("GROUP", with: "sre, duty"))
        let instant = "2026-11-10T12:00:00Z"
        #expect(
            try set.answer(person(), at: instant).denial
                == "not allowed by p.yaml:20 (`r`): it is not your turn in group `duty`")
        #expect(
            try set.answer(person("dee@example.com"), at: instant).denial
                == "not allowed by p.yaml:20 (`r`): you are in none of the groups `duty`, `sre`")
    }

    @Test func `whoever is on duty may approve`() throws {
        let set = try policies(base + rule.replacing("GROUP", with: "duty"))
        var step = Who()
        step.groups = ["staff"]
        for (instant, approves) in [("2026-11-02T08:59:59Z", false), ("2026-11-02T09:00:00Z", true)] {
            let date = Date(timeIntervalSince1970: Double(try at(instant)))
            #expect(set.isApprover(person(), of: ApprovalStep(by: Approvers(step), count: 1), at: date) == approves)
        }
    }
}

@Suite struct `Permissions that end` {
    /// Rules after `base`, who asks for how many hours and when, and what comes of it.
    struct Cut: CustomTestStringConvertible, Sendable {
        let name: String
        let rules: String
        var asker = person()
        var hours: Int64? = 8
        let at: String
        let seconds: Int64
        let ends: String?
        var narrowed: [String] = []

        var testDescription: String { name }
    }

    private static let everyone = "allow:\n  - {id: r, who: {everyone: true}, roles: [shell], lifetime: {max: 8h}}\n"

    private static func during(_ windows: String) -> String {
        "allow:\n  - {id: r, who: {everyone: true}, roles: [shell], during: \(windows), lifetime: {default: 2h, max: 8h}}\n"
    }

    private static func deny(_ rest: String) -> String { everyone + "deny: [{id: d, roles: [shell], \(rest)}]\n" }

    static let cuts = [
        Cut(
            name: "a window that closes", rules: during("office"), at: "2026-11-23T18:20:00Z", seconds: 2_400,
            ends: "2026-11-23T19:00:00Z",
            narrowed: ["lifetime is 40m instead of 8h, because rule p.yaml:21 (`r`) ends at 2026-11-23T19:00:00Z"]),
        Cut(
            name: "a window that closes, and nothing asked for", rules: during("office"), hours: nil,
            at: "2026-11-23T18:20:00Z", seconds: 2_400, ends: "2026-11-23T19:00:00Z",
            narrowed: ["lifetime is 40m instead of 2h, because rule p.yaml:21 (`r`) ends at 2026-11-23T19:00:00Z"]),
        Cut(
            name: "its last second", rules: during("office"), at: "2026-11-23T18:59:59Z", seconds: 1,
            ends: "2026-11-23T19:00:00Z",
            narrowed: ["lifetime is 1s instead of 8h, because rule p.yaml:21 (`r`) ends at 2026-11-23T19:00:00Z"]),
        Cut(
            name: "a window that closes just then", rules: during("office"), hours: 2, at: "2026-11-23T17:00:00Z",
            seconds: 7_200, ends: nil),
        Cut(
            name: "a window that closes a second before", rules: during("office"), hours: 2, at: "2026-11-23T17:00:01Z",
            seconds: 7_199, ends: "2026-11-23T19:00:00Z",
            narrowed: ["lifetime is 7199s instead of 2h, because rule p.yaml:21 (`r`) ends at 2026-11-23T19:00:00Z"]),
        Cut(
            name: "days that touch", rules: during("weekdays"), at: "2026-11-24T20:00:00Z", seconds: 28_800, ends: nil),
        Cut(
            name: "the last of days that touch", rules: during("weekdays"), at: "2026-11-27T20:00:00Z", seconds: 14_400,
            ends: "2026-11-28T00:00:00Z",
            narrowed: ["lifetime is 4h instead of 8h, because rule p.yaml:21 (`r`) ends at 2026-11-28T00:00:00Z"]),
        Cut(
            name: "windows that touch", rules: during("[evening, office]"), at: "2026-11-23T18:00:00Z", seconds: 14_400,
            ends: "2026-11-23T22:00:00Z",
            narrowed: ["lifetime is 4h instead of 8h, because rule p.yaml:21 (`r`) ends at 2026-11-23T22:00:00Z"]),
        Cut(
            name: "a freeze that begins", rules: deny("who: {everyone: true}, during: freeze"), at: "2026-12-19T22:00:00Z",
            seconds: 7_200, ends: "2026-12-20T00:00:00Z",
            narrowed: ["lifetime is 2h instead of 8h, because deny rule p.yaml:22 (`d`) begins at 2026-12-20T00:00:00Z"]),
        Cut(
            name: "a freeze for groups that are unknown", rules: deny("who: {groups: [c]}, during: freeze"),
            asker: person(groups: .unknown), at: "2026-12-19T22:00:00Z", seconds: 7_200, ends: "2026-12-20T00:00:00Z",
            narrowed: ["lifetime is 2h instead of 8h, because deny rule p.yaml:22 (`d`) begins at 2026-12-20T00:00:00Z"]),
        Cut(
            name: "a freeze for others", rules: deny("who: {groups: [c]}, during: freeze"), at: "2026-12-19T22:00:00Z",
            seconds: 28_800, ends: nil),
        Cut(
            name: "a turn that ends", rules: everyone.replacing("everyone: true", with: "groups: [staff]"),
            at: "2026-11-09T08:00:00Z", seconds: 3_600, ends: "2026-11-09T09:00:00Z",
            narrowed: ["lifetime is 1h instead of 8h, because rule p.yaml:21 (`r`) ends at 2026-11-09T09:00:00Z"]),
        Cut(
            name: "a turn that someone who is in the group anyhow has not",
            rules: everyone.replacing("everyone: true", with: "groups: [staff]"),
            asker: person(groups: .known(["seniors"])), at: "2026-11-09T08:00:00Z", seconds: 28_800, ends: nil),
        Cut(
            name: "an override that goes on with the same person",
            rules: everyone.replacing("everyone: true", with: "groups: [duty]"), asker: person("bo@example.com"),
            at: "2026-11-25T05:00:00Z", seconds: 28_800, ends: nil),
        Cut(
            name: "an override that ends", rules: everyone.replacing("everyone: true", with: "groups: [duty]"),
            asker: person("cy@example.com"), at: "2026-11-26T08:30:00Z", seconds: 1_800, ends: "2026-11-26T09:00:00Z",
            narrowed: ["lifetime is 30m instead of 8h, because rule p.yaml:21 (`r`) ends at 2026-11-26T09:00:00Z"]),
        Cut(
            name: "a turn that begins, where it is denied", rules: deny("who: {groups: [duty]}"),
            asker: person("bo@example.com"), at: "2026-11-09T05:00:00Z", seconds: 14_400, ends: "2026-11-09T09:00:00Z",
            narrowed: ["lifetime is 4h instead of 8h, because deny rule p.yaml:22 (`d`) begins at 2026-11-09T09:00:00Z"]),
        Cut(
            name: "the first of several ends",
            rules: during("office") + "deny: [{id: d, roles: [shell], who: {groups: [duty]}, during: evening}]\n",
            asker: person("bo@example.com"), at: "2026-11-10T16:00:00Z", seconds: 10_800, ends: "2026-11-10T19:00:00Z",
            narrowed: ["lifetime is 3h instead of 8h, because rule p.yaml:21 (`r`) ends at 2026-11-10T19:00:00Z"]),
        Cut(
            name: "the longest after the cut",
            rules: during("office")
                + "  - {id: s, who: {everyone: true}, roles: [shell], during: [office, evening], lifetime: {max: 2h}}\n",
            at: "2026-11-23T18:20:00Z", seconds: 7_200, ends: nil,
            narrowed: ["lifetime is 2h instead of 8h by p.yaml:22 (`s`)"]),
    ]

    @Test(arguments: cuts)
    func `end their certificates`(cut: Cut) throws {
        let permit = try #require(try policies(base + cut.rules).answer(cut.asker, cut.hours, at: cut.at).permit)
        #expect(permit.lifetime == .seconds(cut.seconds))
        #expect(permit.ends.map { Timestamp.text(Timestamp.seconds($0)) } == cut.ends)
        #expect(permit.narrowed == cut.narrowed)
    }

    @Test func `an offer of approval ends as well`() throws {
        let set = try policies(
            base + Self.during("office").replacing("}\n", with: ", approval: {steps: [{by: {groups: [leads]}}]}}\n"))
        let offer = try #require(try set.answer(person(), 8, at: "2026-11-23T18:20:00Z").offer)
        #expect(offer.lifetime == .seconds(2_400))
        #expect(offer.ends == Date(timeIntervalSince1970: Double(try at("2026-11-23T19:00:00Z"))))
    }

    @Test func `an old login does not end what was allowed with a fresh one`() throws {
        let set = try policies(
            base + Self.during("[office, evening]").replacing("everyone: true", with: "authenticated_within: 5m"))
        var asker = person()
        let now = Date(timeIntervalSince1970: Double(try at("2026-11-23T18:00:00Z")))
        asker.authenticatedAt = .known(now - 60)
        #expect(set.decide(asker, try ssh("shell", lifetime: .seconds(7_200)), at: now).permit?.lifetime == .seconds(7_200))
    }

    @Test func `after ten thousand changes a permission is not followed further`() throws {
        let hours = (0..<12).map { String(format: "\"%02d:00-%02d:00\"", 2 * $0, 2 * $0 + 1) }.joined(separator: ", ")
        let set = try policies(
            """
            windows:
              often: {hours: [\(hours)], time_zone: UTC}
              daily: {days: mon-sun, time_zone: UTC}
            roles: {shell: {ssh: {principals: [x]}}}
            allow: [{id: r, who: {everyone: true}, roles: [shell], during: [daily, often], lifetime: {max: 100w}}]

            """)
        // 24 changes a day, the first an hour from now.
        let permit = try #require(try set.answer(person(), 16_800, at: "2026-01-01T00:00:00Z").permit)
        #expect(permit.lifetime == .seconds(36_000_000))
        #expect(
            permit.narrowed == [
                "lifetime is 10000h instead of 700d, because rule p.yaml:6 (`r`) changes too often to be followed beyond "
                    + "2027-02-21T16:00:00Z"
            ])
    }
}

/// Random rules that hold at some times only.
private struct RandomTimes {
    var world: RandomPolicies

    init(seed: UInt64) { world = RandomPolicies(seed: seed) }

    static let definitions = """
        windows:
          office: {days: mon-fri, hours: "08:00-19:00", time_zone: Europe/Berlin}
          nights: {days: [fri, sat], hours: "22:00-06:00", time_zone: America/New_York}
          halves: {hours: ["00:00-12:00", "12:00-23:30"], time_zone: Asia/Kolkata}
          autumn: {dates: "2026-10-24..2026-10-25", time_zone: Australia/Lord_Howe}
        groups:
          a: {rotation: {members: [ana@example.com, bo@example.com], every: 1d, starts: 2026-10-01T02:30, time_zone: Europe/Berlin}}
          b: {groups: [a], members: [bo@example.com]}
          c: {rotation: {members: [bo@example.com, ana@example.com], every: 2d, starts: 2026-10-24T12:00, time_zone: UTC, overrides: {2026-10-25: kim@agency.example}}}
        roles: {one: {ssh: {principals: [x]}}}

        """

    private mutating func condition() -> String {
        let who = world.pick(["{everyone: true}", "{groups: [a]}", "{groups: [b, c]}", "{groups: [c], mfa: false}"])
        let during = world.pick(["", ", during: office", ", during: [nights, halves]", ", during: autumn"])
        return "who: \(who), roles: [one]\(during)"
    }

    mutating func rules() -> String {
        let allows = (0..<4).map { "  - {id: r\($0), \(condition()), lifetime: {max: \(world.pick(["2h", "12h", "3d"]))}}\n" }
        let denies = (0..<2).map { "  - {id: d\($0), \(condition())}\n" }
        return "allow:\n" + allows.joined() + (world.pick([true, false]) ? "deny:\n" + denies.joined() : "")
    }

    mutating func identity() -> Identity {
        person(world.pick(RandomPolicies.users), groups: world.pick([.known([]), .known(["b"]), .unknown]), mfa: .unknown)
    }
}

@Suite struct `Properties of permissions that end` {
    /// The law of the whole: at every moment of a certificate's life, the rule that gave it would give it again.
    @Test(arguments: UInt64(1)...40)
    func `a certificate is valid only while its rule holds`(seed: UInt64) throws {
        var times = RandomTimes(seed: seed)
        let set = try policies(RandomTimes.definitions + times.rules())
        let role = try #require(set.roles["one"])
        for _ in 0..<40 {
            let start = try at("2026-10-23T00:00:00Z") + 617 * Int.random(in: 0..<700, using: &times.world.random)
            let asker = times.identity()
            let instant = Date(timeIntervalSince1970: Double(start))
            let request = try ssh("one", lifetime: .seconds(times.world.pick([600, 10_000, 86_400, 259_200])))
            guard let permit = set.decide(asker, request, at: instant).permit else { continue }
            func holds(at second: Int) -> Bool {
                let date = Date(timeIntervalSince1970: Double(second))
                let asker = Asker(asker, groups: set.groups, at: date)
                guard case .some(let rules) = set.rules(giving: role, to: asker, Justification()) else { return false }
                return rules.contains { $0.reference == permit.rule }
            }
            let end = start + Int(permit.lifetime.components.seconds)
            #expect(stride(from: start, to: end, by: 300).first { !holds(at: $0) } == nil)
            #expect(holds(at: end - 1))
            if let ends = permit.ends {
                #expect(Timestamp.seconds(ends) == end)
                #expect(!holds(at: end))
            }
        }
    }
}
