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
        ("    reason: {required: true}\n", "", "less reason or ticket is wanted"),
        ("    during: office\n", "", "who and when:"),
        ("networks: [10.0.0.0/8]", "networks: [0.0.0.0/0]", "who and when:"),
        (", mfa: true", "", "who and when:"),
        (
            "members: [ana@example.com, bo@example.com]", "members: [ana@example.com, bo@example.com, cy@example.com]",
            "who and when:"
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
