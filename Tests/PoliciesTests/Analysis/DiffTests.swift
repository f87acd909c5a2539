// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Policies

@Suite struct `Differences in rights` {
    private static let base = """
        zones: {web: {hosts: ["web*.example.com"]}}
        windows: {office: {days: mon-fri, hours: "08:00-18:00", time_zone: UTC}}
        groups:
          team: {members: [ana@example.com, bo@example.com]}
          leads: {members: [bo@example.com]}
        roles:
          shell: {ssh: {logins: [deploy], zones: [web], source_address: requester, end_session_at_expiry: true}}
          names: {x509: {usage: [client], dns: [a.example.com]}}
          auditor: {capabilities: [audit.read]}
        allow:
          - id: team-works
            who: {groups: [team], mfa: true}
            roles: [shell]
            during: office
            networks: [10.0.0.0/8]
            lifetime: {default: 15m, max: 1h}
            reason: {required: true}
          - id: team-asks
            who: {groups: [team]}
            roles: [names]
            lifetime: {max: 1h}
            approval: {steps: [{by: {groups: [leads]}}]}
          - id: leads-audit
            who: {groups: [leads]}
            roles: [auditor]
        deny:
          - {id: no-contractors, who: {groups: [contractors]}, roles: [shell]}
        """

    private func diff(_ edits: (String, String)...) throws -> PolicyDiff {
        var text = Self.base
        for (old, new) in edits {
            let edited = text.replacing(old, with: new)
            try #require(edited != text)
            text = edited
        }
        return try policies(text).diff(from: policies(Self.base))
    }

    @Test func `the same rights written otherwise are no change`() throws {
        #expect(try policies(Self.base).diff(from: policies(Self.base)).changes == [])
        #expect(try diff(("id: team-works", "id: renamed"), ("15m, max", "30m, max")).changes == [])
    }

    static let widenings: [(String, String, String)] = [
        ("max: 1h}\n    reason", "max: 8h}\n    reason", "lifetime 1h → 8h"),
        ("    approval: {steps: [{by: {groups: [leads]}}]}\n", "", "approval 1 of group `leads` must approve → none needed"),
        (
            "approval: {steps: [{by: {groups: [leads]}}]}", "approval: {automatic: true}",
            "approval 1 of group `leads` must approve → by the rule itself, for at most"
        ),
        ("    reason: {required: true}\n", "", "reason wanted → none wanted"),
        ("    during: office\n", "", "who and when:"),
        ("networks: [10.0.0.0/8]", "networks: [0.0.0.0/0]", "who and when:"),
        (", mfa: true", "", "who and when:"),
        (
            "members: [ana@example.com, bo@example.com]", "members: [ana@example.com, bo@example.com, cy@example.com]",
            "in group `team`: also `cy@example.com`"
        ),
        (", end_session_at_expiry: true", "", "no longer bound to the end of sessions at expiry"),
        (", source_address: requester", "", "no longer bound to the source address"),
        ("logins: [deploy]", "logins: [deploy, root]", "gained by:"),
        ("hosts: [\"web*.example.com\"]", "hosts: [\"web*.example.com\", db.example.com]", "gained by:"),
        ("usage: [client]", "usage: [client, server]", "also use as server"),
        (
            "deny:\n  - {id: no-contractors, who: {groups: [contractors]}, roles: [shell]}", "",
            "deny rule `no-contractors` no longer"
        ),
        (
            "who: {groups: [contractors]}, roles", "who: {groups: [contractors], mfa: false}, roles",
            "deny rule `no-contractors`"
        ),
        ("source_address: requester", "source_address: requester, extensions: [pty]", "also pty"),
        ("capabilities: [audit.read]", "capabilities: [audit.read, certificates.read]", "gained by:"),
    ]

    @Test(arguments: widenings)
    func `what widens is said, and the way back narrows`(old: String, new: String, words: String) throws {
        let there = try diff((old, new))
        #expect(there.isWidening)
        #expect(there.changes.contains { $0.direction == .widens && "\($0)".contains(words) }, "\(there)")
        let edited = try policies(Self.base.replacing(old, with: new))
        let back = try policies(Self.base).diff(from: edited)
        #expect(!back.isWidening, "\(back)")
        #expect(back.changes.count == there.changes.count)
        #expect(back.changes.allSatisfy { $0.direction == .narrows })
    }

    private static let signed = "approval: {signed: touch, steps: [{by: {groups: [leads]}}]}"
    private static let reviewed = "approval: {review: {by: {groups: [leads]}, within: 1h}}"
    private static let automatic = "approval: {automatic: true}"

    static let looserApprovals: [(String, String)] = [
        (signed, "approval: {signed: key, steps: [{by: {groups: [leads]}}]}"),
        (signed, "approval: {steps: [{by: {groups: [leads]}}]}"),
        (reviewed, "approval: {review: {by: {groups: [leads]}, within: 2h}}"),
        (reviewed, automatic), (signed, automatic), (automatic, "approval: {automatic: true, grant: 30d}"),
        (automatic, "# none"),
    ]

    /// Of a rule that approves by itself, what loosens its conditions is a widening like any other.
    @Test(arguments: looserApprovals)
    func `what asks less of people widens, and the way back narrows`(stricter: String, looser: String) throws {
        let original = "approval: {steps: [{by: {groups: [leads]}}]}"
        func set(_ approval: String) throws -> PolicySet { try policies(Self.base.replacing(original, with: approval)) }
        #expect(try set(looser).diff(from: set(stricter)).isWidening)
        #expect(try !set(stricter).diff(from: set(looser)).isWidening)
    }

    static let looserConditions: [(String, String)] = [
        ("max: 1h}", "max: 2h}"), (", during: office", ""), ("who: {groups: [duty]}", "who: {groups: [duty, staff]}"),
        ("every: 1w", "every: 2w"), ("grant: 2h", "grant: 3h"), (", reason: {required: true}", ""),
    ]

    @Test(arguments: looserConditions)
    func `loosening what a rule approves by itself is a widening`(stricter: String, looser: String) throws {
        let text = """
            windows: {office: {days: mon-fri, hours: "08:00-18:00", time_zone: UTC}}
            groups: {duty: {rotation: {members: [ana@example.com, bo@example.com], every: 1w, starts: 2026-01-05T09:00, time_zone: UTC}}}
            roles: {shell: {ssh: {principals: [x]}}}
            allow: [{id: duty, who: {groups: [duty]}, roles: [shell], lifetime: {max: 1h}, during: office, reason: {required: true}, approval: {automatic: true, grant: 2h}}]

            """
        let edited = text.replacing(stricter, with: looser)
        try #require(edited != text)
        #expect(try policies(edited).diff(from: policies(text)).isWidening)
    }

    @Test func `what can no longer be revoked widens`() throws {
        let old = """
            roles: {brief: {x509: {usage: [client], common_name: app}}}
            allow: [{id: all, who: {everyone: true}, roles: [brief], lifetime: {max: 15m}}]
            """
        let new = old.replacing("common_name: app", with: "common_name: app, no_rev_avail: true")
        let diff = try policies(new).diff(from: policies(old))
        #expect(diff.isWidening && "\(diff)".contains("no longer bound to revocation"), "\(diff)")
        #expect(try !policies(old).diff(from: policies(new)).isWidening)
    }

    @Test func `a lifetime that shrinks is said in the order of time`() throws {
        let diff = try diff(("max: 1h}\n    reason", "max: 20m}\n    reason"))
        #expect(!diff.isWidening)
        #expect(
            diff.description.contains(
                "- login `deploy` on `web*.example.com` (role shell, p.yaml:12 `team-works`): lifetime 1h → 20m"))
    }

    @Test func `what lies within another way is no widening`() throws {
        let more =
            "  - {id: extra, who: {user: ana@example.com, mfa: true}, roles: [shell], during: office, networks: [10.1.0.0/16], "
            + "lifetime: {max: 30m}, reason: {required: true, pattern: INC}}\n"
        #expect(try diff(("allow:\n", "allow:\n" + more)).changes == [])
    }

    @Test func `a role by another name gives the same rights`() throws {
        #expect(
            try diff(
                ("shell:", "terminal:"), ("roles: [shell]\n", "roles: [terminal]\n"), ("roles: [shell]}", "roles: [terminal]}")
            ).changes == [])
    }

    @Test func `the example in the reference is what is printed`() throws {
        let page = try String(contentsOf: repository.appending(path: "docs/policy-language.md"), encoding: .utf8)
        let printed = try diff(("max: 1h}\n    reason", "max: 8h}\n    reason")).description
        #expect(page.contains("```\n\(printed)```\n"), "\(printed)")
    }

    @Test func `what an approval no longer asks for is said`() throws {
        let steps = "approval: {steps: [{by: {groups: [leads]}}]}"
        func changes(_ old: String, _ new: String) throws -> PolicyDiff {
            func set(_ approval: String) throws -> PolicySet {
                try policies(Self.base.replacing(steps, with: "approval: {\(approval)}"))
            }
            return try set(new).diff(from: set(old))
        }
        let plain = "steps: [{by: {groups: [leads]}}]"
        for (less, more) in [
            (plain, plain + ", signed: key"), (plain + ", signed: key", plain + ", signed: touch"),
            (plain, plain + ", recheck: revoke"), (plain + ", recheck: keep", plain + ", recheck: revoke"),
            (plain + ", wait: 2h", plain), (plain + ", claim_within: 2h", plain), (plain + ", grant: 2h", plain),
            (plain + ", total: 9h", plain), (plain + ", total: 9h", plain + ", total: 8h"),
            ("review: {by: {groups: [leads]}, within: 1d}", plain),
            ("review: {by: {groups: [leads]}, within: 1d}", "review: {by: {groups: [leads]}, within: 8h}"),
        ] {
            #expect(try changes(more, less).isWidening, "\(more) → \(less)")
            #expect(try !changes(less, more).isWidening, "\(less) → \(more)")
            #expect(try !changes(less, more).changes.isEmpty)
        }
        // Others who must agree are neither more nor fewer: both is said.
        for (one, other) in [
            (plain, "steps: [{by: {groups: [team]}}]"),
            ("review: {by: {groups: [leads]}, within: 1d}", "review: {by: {groups: [team]}, within: 1d}"),
        ] {
            #expect(Set(try changes(one, other).changes.map(\.direction)) == [.widens, .narrows])
        }
    }

    private static let words = """
        zones: {web: {hosts: ["web*.example.com"]}}
        windows:
          working-hours: {days: mon-fri, hours: "07:00-19:00", time_zone: Europe/Berlin}
          freeze: {dates: "2026-12-20..2027-01-02", time_zone: UTC}
        groups:
          team: {members: [ana@example.com, bo@example.com], groups: [inner]}
          inner: {members: [dee@example.com]}
          duty: {rotation: {members: [ana@example.com, bo@example.com], every: 1w, starts: 2026-01-05T09:00, time_zone: UTC}}
        roles:
          shell: {ssh: {logins: [deploy], zones: [web], force_command: deploy shop, source_address: [10.0.0.0/8]}}
          repair: {ssh: {principals: [repair]}}
        allow:
          - {id: works, who: {groups: [team]}, roles: [shell], during: working-hours, lifetime: {max: 1h}, reason: {pattern: INC-1}}
          - {id: repairs, who: {groups: [duty]}, roles: [repair], lifetime: {max: 1h}}
        deny:
          - {id: frozen, who: {everyone: true}, roles: [shell, repair], during: freeze}

        """

    /// Of a change and of the way back: the details of what widens, if any does, and of what narrows.
    static let details: [(String, String, widens: [String], narrows: [String])] = [
        (
            "07:00-19:00", "06:00-22:00",
            [
                "window `working-hours` mon-fri 07:00-19:00 Europe/Berlin → mon-fri 06:00-22:00 Europe/Berlin"
            ], []
        ),
        ("groups: [inner]", "groups: [inner, outer]", ["in group `team`: also group `outer`"], []),
        (
            "team: {members: [ana@example.com, bo@example.com]", "team: {members: [bo@example.com, cy@example.com]",
            ["in group `team`: also `cy@example.com`"], ["in group `team`: no longer `ana@example.com`"]
        ),
        ("[dee@example.com]", "[dee@example.com, eve@example.com]", ["in group `inner`: also `eve@example.com`"], []),
        (
            "every: 1w", "every: 2w",
            [
                "turns in group `duty`: ana@example.com, bo@example.com every 7d from 2026-01-05T09:00 UTC → "
                    + "ana@example.com, bo@example.com every 14d from 2026-01-05T09:00 UTC"
            ],
            [
                "turns in group `duty`: ana@example.com, bo@example.com every 7d from 2026-01-05T09:00 UTC → "
                    + "ana@example.com, bo@example.com every 14d from 2026-01-05T09:00 UTC"
            ]
        ),
        (
            "2026-12-20..", "2026-12-22..",
            [
                "deny rule `frozen` takes less: window `freeze` 2026-12-20..2027-01-02 UTC → 2026-12-22..2027-01-02 UTC",
                "deny rule `frozen` takes less: window `freeze` 2026-12-20..2027-01-02 UTC → 2026-12-22..2027-01-02 UTC",
            ], []
        ),
        (
            "roles: [shell, repair], during: freeze}", "roles: [shell], during: freeze}",
            ["deny rule `frozen` no longer takes from it"], []
        ),
        (
            "deny:\n", "  - {id: more, who: {groups: [oc]}, roles: [shell], lifetime: {max: 8h}}\ndeny:\n",
            ["also for: in group `oc`, for up to 8h"], []
        ),
        (
            "force_command: deploy shop", "force_command: deploy all", ["command `deploy shop` → `deploy all`"],
            ["command `deploy shop` → `deploy all`"]
        ),
        (", force_command: deploy shop", "", ["no longer bound to the command `deploy shop`"], []),
        (
            "source_address: [10.0.0.0/8]", "source_address: [10.0.0.0/7]", ["source address 10.0.0.0/8 → 10.0.0.0/7"], []
        ),
        (
            "pattern: INC-1", "pattern: INC", ["reason wanted like `INC-1` → wanted like `INC`"], []
        ),
    ]

    @Test(arguments: details)
    func `a change says in what, in the words of before and after`(
        old: String, new: String, widens: [String], narrows: [String]
    ) throws {
        let edited = Self.words.replacing(old, with: new)
        try #require(edited != Self.words)
        let diff = try policies(edited).diff(from: policies(Self.words))
        func details(_ direction: PolicyDiff.Direction) -> [String] {
            diff.changes.filter { $0.direction == direction }.map { $0.details.joined(separator: "; ") }
        }
        #expect(details(.widens) == widens)
        #expect(details(.narrows) == narrows)
        let json = try String(decoding: JSONEncoder().encode(diff), as: UTF8.self).replacing("\\/", with: "/")
        for words in widens + narrows {
            #expect(diff.description.contains("): \(words)\n"))
            #expect(
                diff.markdown.contains(
                    " | \(words.replacing("ana@example.com, bo@example.com", with: "`ana@example.com`, `bo@example.com`")) | "))
            #expect(json.contains(words))
        }
        // The way back is said from the other side, and never that the same is lost and gained.
        let back = try policies(Self.words).diff(from: policies(edited))
        #expect(back.changes.filter { $0.direction == .narrows }.count == widens.count)
        #expect(back.changes.allSatisfy { !$0.details.isEmpty })
    }

    @Test func `who or what is lost is said as well`() throws {
        func back(_ old: String, _ new: String) throws -> [String] {
            try policies(Self.words).diff(from: policies(Self.words.replacing(old, with: new))).changes.map {
                $0.details.joined(separator: "; ")
            }
        }
        #expect(
            try back("07:00-19:00", "06:00-22:00") == [
                "window `working-hours` mon-fri 06:00-22:00 Europe/Berlin → mon-fri 07:00-19:00 Europe/Berlin"
            ])
        #expect(
            try Set(back("2026-12-20..", "2026-12-22..")) == [
                "deny rule `frozen` takes more: window `freeze` 2026-12-22..2027-01-02 UTC → 2026-12-20..2027-01-02 UTC"
            ])
        #expect(
            try back("deny:\n", "  - {id: more, who: {groups: [oc]}, roles: [shell], lifetime: {max: 8h}}\ndeny:\n") == [
                "no longer for: in group `oc`, for up to 8h"
            ])
    }

    /// Whoever writes policies chooses values, and a comment on a pull request shows them to others.
    @Test(arguments: [
        "x `<script>alert(1)</script>` y", "`@everyone", "a ``b`` ` c", "x | y", #"x \| <img src=x>"#, #"x \"#,
        "` | `@org/team",
        "[link](https://evil.example)",
    ])
    func `no value becomes markup or a mention`(_ value: String) throws {
        let quoted = "'\(value)'"
        let diff = try policies(
            Self.words.replacing("force_command: deploy shop", with: "force_command: \(quoted)")
                .replacing("pattern: INC-1", with: "pattern: '^@a`<b>&'").replacing("[dee@example.com]", with: "['@org/`team']")
                .replacing("who: {groups: [team]}", with: "who: {groups: ['@t`<i>|'], users: ['@u`x', 'www.evil.example']}")
        ).diff(from: policies(Self.words))
        #expect(diff.changes.count == 2)
        for line in diff.markdown.split(separator: "\n").map(String.init) where line.hasPrefix("| ") && line.contains("@") {
            // Bars are those of the table, for it is cut at them first.
            #expect(line.count { $0 == "|" } == 6, "\(line)")
            for outside in MarkdownReader.outsideOfCode(line) {
                #expect(!outside.contains { "<>@*_[]`&#\\".contains($0) } && !outside.contains("www."), "\(outside) in \(line)")
            }
            #expect(MarkdownReader.code(in: line).contains(value), "\(line)")
        }
    }

    @Test func `an example is said to be one by its column`() throws {
        let text = try diff(("max: 1h}\n    reason", "max: 8h}\n    reason")).markdown
        #expect(!text.contains("example:"))
        #expect(
            text.contains(" | `someone@elsewhere.invalid`, in `team`, with a second factor, from 10.0.0.1, reason `x`, on tue ")
        )
    }

    @Test func `Markdown says it in tables`() throws {
        let text = try diff(("max: 1h}\n    reason", "max: 8h}\n    reason")).markdown
        #expect(text.hasPrefix("### Widens\n\n| right | role | rule | what | example |\n"))
        #expect(text.contains("| login `deploy` on `web*.example.com` | `shell` | p.yaml:12 `team-works` | lifetime 1h → 8h |"))
    }

    /// Brute force: where the difference says nothing widens, no request of a small world gets more.
    @Test(arguments: Array(UInt64(1)...150))
    func `what is no widening gives nobody more`(seed: UInt64) throws {
        var world = RandomPolicies(seed: seed &+ 5_000)
        let rules = (0..<5).map { world.allow($0) }
        let denies = (0..<2).map { world.deny($0) }
        func set(_ allows: [String], _ denies: [String]) throws -> PolicySet {
            try policies(
                RandomPolicies.definitions + (allows.isEmpty ? "" : "allow:\n" + allows.joined())
                    + (denies.isEmpty ? "" : "deny:\n" + denies.joined()))
        }
        let old = try set(rules, Array(denies.prefix(world.pick([0, 1, 2]))))
        // Now and then something is added, taken away or replaced: about half of the pairs narrow only.
        var edited = rules
        if world.pick([true, false]) { edited.remove(at: 0) }
        if world.pick([true, false, false]) { edited[0] = world.allow(9) }
        let new = try set(edited, Array(denies.prefix(world.pick([0, 1, 2]))))
        let diff = new.diff(from: old)
        guard !diff.isWidening else { return }
        for _ in 0..<80 {
            let (identity, request) = (world.identity(), try world.request())
            let (before, after) = (old.answer(identity, request), new.answer(identity, request))
            switch (before, after) {
            case (_, .deny): break
            case (.deny, _): Issue.record("seed \(seed): \(request) by \(identity) is gained")
            case (.allow(let before), .allow(let after)) where request.route == .issue:
                #expect(after.lifetime <= before.lifetime)
            case (.needsApproval, .allow) where request.route == .issue:
                Issue.record("seed \(seed): \(request) needs no approval any more")
            default: break
            }
        }
    }
}

/// Reads a line as CommonMark does, with `<code>` elements.
private enum MarkdownReader {
    private static func parts(_ line: String) -> [(text: String, isCode: Bool)] {
        var parts: [(text: String, isCode: Bool)] = [("", false)]
        var rest = line[...]
        while let first = rest.first {
            let fence = rest.prefix { $0 == "`" }
            if rest.hasPrefix("<code>"), let end = rest.firstRange(of: "</code>") {
                parts += [(String(rest[..<end.lowerBound].dropFirst(6)), true), ("", false)]
                rest = rest[end.upperBound...]
            } else if !fence.isEmpty, let end = closing(rest[fence.endIndex...], fence.count) {
                var code = rest[fence.endIndex..<end.lowerBound]
                if code.hasPrefix(" "), code.hasSuffix(" ") { code = code.dropFirst().dropLast() }
                parts += [(String(code), true), ("", false)]
                rest = rest[end.upperBound...]
            } else {
                parts[parts.count - 1].text.append(first)
                rest = rest.dropFirst()
            }
        }
        return parts
    }

    private static func closing(_ text: Substring, _ count: Int) -> Range<Substring.Index>? {
        var rest = text
        while let start = rest.firstIndex(of: "`") {
            let run = rest[start...].prefix { $0 == "`" }
            if run.count == count { return start..<run.endIndex }
            rest = rest[run.endIndex...]
        }
        return nil
    }

    static func outsideOfCode(_ line: String) -> [String] { parts(line).filter { !$0.isCode }.map(\.text) }

    /// Values, characters written by number put back.
    static func code(in line: String) -> [String] {
        parts(line).filter(\.isCode).map {
            $0.text.replacing(/&#([0-9]+);/) { match in
                UInt32(match.1).flatMap(Unicode.Scalar.init).map { String($0) } ?? ""
            }
        }
    }
}
