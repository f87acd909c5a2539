// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Policies

private let base = """
    zones: {web: {hosts: ["web*.example.com"]}}
    groups:
      listed: {members: [lee@example.com]}
      outer: {groups: [middle], members: [out@example.com]}
      middle: {groups: [listed, said]}
      other: {groups: [said]}
    roles:
      shell: {ssh: {logins: [deploy], zones: [web]}}
      other: {ssh: {principals: [x]}}

    """

@Suite struct `Who a rule means` {
    /// `who` of the only allow rule, who asks, and whether the rule applies.
    @Test(arguments: [
        ("{everyone: true}", person(), true),
        ("{user: ana@example.com}", person(), true),
        ("{user: bo@example.com}", person(), false),
        ("{users: [bo@example.com, \"*@example.com\"]}", person(), true),
        ("{users: [\"*@example.com\"]}", person("ana@sub.example.com"), false),
        ("{users: [\"*@example.com\"]}", person("ana@evil.example@example.com"), false),
        ("{users: [\"*@example.com\"]}", person("@example.com"), false),
        ("{users: [\"*@example.com\"]}", workload("github", .known([:])), false),
        ("{groups: [a, b]}", person(groups: .known(["b"])), true),
        ("{groups: [a, b]}", person(groups: .known(["c"])), false),
        ("{groups: [a]}", person(groups: .unknown), false),
        ("{groups: [listed]}", person("lee@example.com", groups: .unknown), true),
        ("{groups: [listed]}", person(groups: .known(["listed"])), true),
        ("{groups: [outer]}", person("lee@example.com", groups: .unknown), true),
        ("{groups: [outer]}", person("out@example.com", groups: .unknown), true),
        ("{groups: [middle]}", person("out@example.com"), false),
        ("{groups: [outer]}", person(groups: .known(["said"])), true),
        ("{groups: [outer]}", person(groups: .known(["listed"])), true),
        ("{groups: [outer]}", person(groups: .known(["middle"])), true),
        ("{groups: [outer]}", person(groups: .known(["other"])), false),
        ("{groups: [outer]}", person(groups: .unknown), false),
        ("{groups: [other]}", person("lee@example.com", groups: .unknown), false),
        ("{groups: [outer, other]}", workload("ci", .known([:])), false),
        ("{groups: [a], mfa: true}", person(groups: .known(["a"])), false),
        ("{mfa: true}", person(mfa: .known(true)), true),
        ("{mfa: true}", person(mfa: .unknown), false),
        ("{mfa: false}", person(mfa: .unknown), false),
        ("{mfa: false}", person(mfa: .known(false)), true),
        ("{provider: github}", workload("github", .unknown), true),
        ("{provider: github}", person(), false),
        ("{provider: github, claims: {ref: [a, b]}}", workload("github", .known(["ref": .string("b")])), true),
        (
            "{provider: github, claims: {ref: a}}", workload("github", .known(["ref": .list([.string("z"), .string("a")])])),
            true
        ),
        ("{provider: github, claims: {ref: a}}", workload("gitlab", .known(["ref": .string("a")])), false),
        ("{provider: github, claims: {ref: a}}", workload("github", .known(["ref": .absent])), false),
        ("{provider: github, claims: {ref: a}}", workload("github", .known([:])), false),
        ("{provider: github, claims: {ref: a}}", workload("github", .unknown), false),
        ("{provider: github, claims: {id: 7}}", workload("github", .known(["id": .int(7)])), true),
        ("{provider: github, claims: {id: \"7\"}}", workload("github", .known(["id": .int(7)])), false),
        ("{provider: github, claims: {own: true}}", workload("github", .known(["own": .bool(true)])), true),
        ("{provider: github, claims: {own: true}}", workload("github", .known(["own": .string("true")])), false),
        ("{provider: github, claims: {ref: \"a/*\"}}", workload("github", .known(["ref": .string("a/b")])), true),
        ("{provider: github, claims: {ref: \"a/*\"}}", workload("github", .known(["ref": .string("a/b/c")])), false),
        ("{provider: github, claims: {ref: [x, \"a/**\"]}}", workload("github", .known(["ref": .string("a/b/c")])), true),
        ("{provider: github, claims: {ref: [x, \"a/**\"]}}", workload("github", .known(["ref": .string("x")])), true),
        (
            "{provider: github, claims: {ref: \"a*\"}}",
            workload("github", .known(["ref": .list([.string("b"), .string("ab")])])), true
        ),
        ("{provider: github, claims: {ref: \"*\"}}", workload("github", .known(["ref": .int(7)])), false),
        ("{provider: github, claims: {ref: \"*\"}}", workload("github", .known(["ref": .absent])), false),
        ("{provider: github, claims: {ref: \"**\"}}", workload("github", .known([:])), false),
        ("{authenticated_within: 15m}", person(loggedIn: 0), true),
        ("{authenticated_within: 15m}", person(loggedIn: 900), true),
        ("{authenticated_within: 15m}", person(loggedIn: 901), false),
        ("{authenticated_within: 15m}", person(loggedIn: -60), true),
        ("{authenticated_within: 15m}", person(loggedIn: -61), false),
        ("{authenticated_within: 15m}", person(), false),
        ("{authenticated_within: 15m, groups: [a]}", person(groups: .known(["a"]), loggedIn: 60), true),
        ("{authenticated_within: 15m, groups: [a]}", person(groups: .known(["b"]), loggedIn: 60), false),
    ])
    func `allow needs certainty`(who: String, identity: Identity, applies: Bool) throws {
        let set = try policies(base + "allow: [{id: r, who: \(who), roles: [shell], lifetime: {max: 1h}}]\n")
        #expect((set.answer(identity, try ssh("shell")).permit != nil) == applies)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan, 1e300, -1e300])
    func `a login at no possible time is not a recent one`(ago: Double) throws {
        let set = try policies(
            base + "allow: [{id: r, who: {authenticated_within: 15m}, roles: [shell], lifetime: {max: 1h}}]\n")
        #expect(set.answer(person(loggedIn: ago), try ssh("shell")).denial?.contains("log in again") == true)
    }

    /// `who` of a deny rule beside an allow rule for everyone.
    @Test(arguments: [
        ("{groups: [a]}", person(groups: .known(["a"])), true),
        ("{groups: [a]}", person(groups: .known([])), false),
        ("{groups: [a]}", person(groups: .unknown), true),
        ("{groups: [outer]}", person(groups: .known(["said"])), true),
        ("{groups: [outer]}", person("lee@example.com"), true),
        ("{groups: [outer]}", person(groups: .known(["a"])), false),
        ("{groups: [outer]}", person(groups: .unknown), true),
        ("{groups: [a], mfa: true}", person(groups: .unknown), false),
        ("{groups: [a], mfa: false}", person(groups: .unknown, mfa: .unknown), true),
        ("{mfa: false}", person(mfa: .unknown), true),
        ("{mfa: true}", person(mfa: .unknown), true),
        ("{mfa: false}", person(mfa: .known(true)), false),
        ("{provider: github, claims: {ref: a}}", workload("github", .unknown), true),
        ("{provider: github, claims: {ref: a}}", workload("github", .known([:])), true),
        ("{provider: github, claims: {ref: a}}", workload("github", .known(["ref": .absent])), false),
        ("{provider: github, claims: {ref: a}}", workload("gitlab", .unknown), false),
        ("{provider: github, claims: {ref: \"a*\"}}", workload("github", .unknown), true),
        ("{provider: github, claims: {ref: \"a*\"}}", workload("github", .known([:])), true),
        ("{provider: github, claims: {ref: \"a*\"}}", workload("github", .known(["ref": .string("ab")])), true),
        ("{provider: github, claims: {ref: \"a*\"}}", workload("github", .known(["ref": .string("b")])), false),
        ("{authenticated_within: 15m}", person(), true),
        ("{authenticated_within: 15m}", person(loggedIn: 60), true),
        ("{authenticated_within: 15m}", person(loggedIn: 3600), false),
        ("{authenticated_within: 15m}", person(loggedIn: -3600), true),
        ("{everyone: true}", person(), true),
    ])
    func `deny needs only doubt`(who: String, identity: Identity, applies: Bool) throws {
        let set = try policies(
            base + "allow: [{id: r, who: {everyone: true}, roles: [shell], lifetime: {max: 1h}}]\n"
                + "deny: [{id: d, who: \(who), roles: [\"s*\"]}]\n")
        let answer = set.answer(identity, try ssh("shell"))
        #expect((answer.permit == nil) == applies)
        if applies { #expect(answer.denial?.hasPrefix("denied by p.yaml:12 (`d`)") == true) }
    }

    @Test(
        arguments: [
            ("10.1.2.3", true), ("::ffff:10.1.2.3", true), ("192.0.2.1", false), (nil, false),
        ] as [(String?, Bool)])
    func `networks say where one may ask from`(address: String?, allowed: Bool) throws {
        let set = try policies(
            base + "allow: [{id: r, who: {everyone: true}, networks: [10.0.0.0/8], roles: [shell], lifetime: {max: 1h}}]\n")
        #expect((set.answer(person(from: address), try ssh("shell")).permit != nil) == allowed)
    }

    @Test(arguments: [("10.1.2.3", false), ("192.0.2.1", true), (nil, false)] as [(String?, Bool)])
    func `an unknown address is inside a denied network`(address: String?, allowed: Bool) throws {
        let set = try policies(
            base + "allow: [{id: r, who: {everyone: true}, roles: [shell], lifetime: {max: 1h}}]\n"
                + "deny: [{id: d, who: {everyone: true}, networks: [10.0.0.0/8], roles: [shell]}]\n")
        #expect((set.answer(person(from: address), try ssh("shell")).permit != nil) == allowed)
    }
}

@Suite struct `Which rule decides` {
    private let rules = """
        allow:
          - {id: b-long, who: {groups: [a]}, roles: [shell], lifetime: {default: 10m, max: 4h}}
          - {id: a-short, who: {groups: [a]}, roles: [shell], lifetime: {default: 30m, max: 2h}}
          - {id: c-reason, who: {groups: [a]}, roles: [shell], lifetime: {max: 8h}, reason: {pattern: '^INC-\\d+$'}}
          - {id: plain, who: {groups: [p]}, roles: [shell], lifetime: {max: 30m}}

        """

    @Test(
        arguments: [
            (nil, nil, "a-short", 30), (60, nil, "a-short", 60), (180, nil, "b-long", 180), (600, nil, "b-long", 240),
            (600, "INC-1", "c-reason", 480), (nil, "INC-1", "c-reason", 60), (600, "none", "b-long", 240),
        ] as [(Int?, String?, String, Int)])
    func `the longest lifetime wins, then the name`(minutes: Int?, reason: String?, rule: String, granted: Int) throws {
        let set = try policies(base + rules)
        let lifetime = minutes.map { Duration.seconds($0 * 60) }
        let permit = set.answer(person(groups: .known(["a"])), try ssh("shell", lifetime: lifetime, reason: reason)).permit
        #expect(permit?.rule.id == rule)
        #expect(permit?.lifetime == .seconds(granted * 60))
    }

    @Test func `a lifetime that was cut is said with the rule`() throws {
        let set = try policies(base + rules)
        let permit = try #require(set.answer(person(groups: .known(["p"])), try ssh("shell", lifetime: .seconds(7200))).permit)
        #expect(permit.narrowed == ["lifetime is 30m instead of 2h by p.yaml:15 (`plain`)"])
        let fitting = set.answer(person(groups: .known(["p"])), try ssh("shell", lifetime: .seconds(1800))).permit
        #expect(fitting?.narrowed == [])
    }

    @Test func `the default is an hour, or the maximum when that is less`() throws {
        let set = try policies(base + rules)
        #expect(set.answer(person(groups: .known(["p"])), try ssh("shell")).permit?.lifetime == .seconds(1800))
    }

    @Test(
        arguments: [
            (nil, false), ("T-1", true), ("none", false),
        ] as [(String?, Bool)])
    func `a rule whose ticket is missing or unlike does not apply`(ticket: String?, allowed: Bool) throws {
        let set = try policies(
            base + "allow: [{id: r, who: {everyone: true}, roles: [shell], lifetime: {max: 1h}, ticket: {pattern: '^T-'}}]\n")
        #expect((set.answer(person(), try ssh("shell", reason: "T-1", ticket: ticket)).permit != nil) == allowed)
    }

    @Test(
        arguments: [
            (nil, true), ("T-1", true), ("none", false),
        ] as [(String?, Bool)])
    func `a ticket that is not required must still fit`(ticket: String?, allowed: Bool) throws {
        let set = try policies(
            base + "allow: [{id: r, who: {everyone: true}, roles: [shell], lifetime: {max: 1h}, "
                + "ticket: {required: false, pattern: '^T-'}}]\n")
        #expect((set.answer(person(), try ssh("shell", ticket: ticket)).permit != nil) == allowed)
    }

    @Test func `without rules everything is refused`() throws {
        #expect(try policies(base).answer(person(), ssh("shell")).denial == "no rule gives role `shell` (p.yaml:9) to anyone")
    }

    @Test func `a refusal says what each rule is missing, and names nobody else`() throws {
        let set = try policies(
            base + """
                allow:
                  - {id: r1, who: {user: boss@example.com}, roles: [shell], lifetime: {max: 1h}}
                  - {id: r2, who: {groups: [sre], mfa: true}, networks: [10.0.0.0/8], roles: [shell], lifetime: {max: 1h}}
                  - {id: r3, who: {groups: [staff]}, roles: [shell], lifetime: {max: 1h}, reason: {pattern: '^INC'}}
                  - {id: r4, who: {provider: github, claims: {ref: secret-branch}}, roles: [shell], lifetime: {max: 1h}}
                  - {id: r5, who: {authenticated_within: 15m}, roles: [shell], lifetime: {max: 1h}, ticket: {pattern: '^T-'}}

                """)
        let denial = try #require(
            set.answer(person(groups: .known(["staff"]), loggedIn: 7300, from: "192.0.2.1"), try ssh("shell")).denial)
        #expect(
            denial == "not allowed by p.yaml:12 (`r1`): it names other users; "
                + "not allowed by p.yaml:13 (`r2`): you are not in group `sre`, and you logged in without a second factor, "
                + "and 192.0.2.1 is outside its networks; "
                + "not allowed by p.yaml:14 (`r3`): a reason is missing; give one that matches `^INC`; "
                + "not allowed by p.yaml:15 (`r4`): you come from provider `local`, and your claim `ref` is unknown; "
                + "not allowed by p.yaml:16 (`r5`): log in again: the rule wants a login within 15m, yours was 2h ago, "
                + "and a ticket is missing; give one that matches `^T-`")
        #expect(!denial.contains("boss") && !denial.contains("secret-branch"))
    }

    @Test func `a refusal shows the claim, not the patterns`() throws {
        let set = try policies(
            base + "allow: [{id: r, who: {provider: ci, claims: {ref: \"secret/*\"}}, roles: [shell], lifetime: {max: 1h}}]\n")
        #expect(
            set.answer(workload("ci", .known(["ref": .string("x")])), try ssh("shell")).denial
                == "not allowed by p.yaml:11 (`r`): your claim `ref` is `x`, which matches no pattern of the rule")
    }

    @Test func `a login of which nothing is known asks for another`() throws {
        let set = try policies(
            base
                + "allow: [{id: r, who: {authenticated_within: 90s}, roles: [shell], lifetime: {max: 1h}, ticket: {required: true}}]\n"
        )
        #expect(
            set.answer(person(), try ssh("shell")).denial
                == "not allowed by p.yaml:11 (`r`): log in again: the rule wants a login within 90s, and when yours was is "
                + "unknown, and a ticket is missing; give one")
    }

    @Test func `a refusal out of doubt says what is unknown`() throws {
        let set = try policies(
            base + "allow: [{id: r, who: {everyone: true}, roles: [shell], lifetime: {max: 1h}}]\n"
                + "deny: [{id: d, who: {groups: [contractors]}, roles: [shell]}]\n")
        #expect(
            set.answer(person(groups: .unknown), try ssh("shell")).denial
                == "denied by p.yaml:12 (`d`): your groups are unknown, which counts as a match in `deny`")
    }

    @Test func `a role that does not exist suggests only what one may take`() throws {
        let set = try policies(base + "allow: [{id: r, who: {groups: [a]}, roles: [shell], lifetime: {max: 1h}}]\n")
        #expect(
            set.answer(person(groups: .known(["a"])), try ssh("shel")).denial
                == "there is no role `shel` for you; did you mean `shell`?")
        #expect(set.answer(person(), try ssh("shel")).denial == "there is no role `shel` for you")
    }

    @Test func `a role gives only the kinds of certificate it has`() throws {
        let set = try policies(base + "allow: [{id: r, who: {everyone: true}, roles: [shell], lifetime: {max: 1h}}]\n")
        #expect(
            set.answer(person(), try x509("shell")).denial
                == "role `shell` (p.yaml:9) issues SSH user certificates, not X.509 certificates")
    }
}

@Suite struct `Requests` {
    @Test(arguments: [
        (Duration.zero, RequestError.lifetimeNotPositive), (.seconds(-1), .lifetimeNotPositive),
        (.milliseconds(1500), .lifetimeNotWholeSeconds), (.seconds(3_155_760_001), .lifetimeTooLong),
        (.seconds(Int64.max), .lifetimeTooLong),
    ])
    func `an impossible lifetime is refused`(lifetime: Duration, error: RequestError) {
        #expect(throws: error) { try ssh("r", lifetime: lifetime) }
    }

    @Test func `a reason is one visible line`() throws {
        #expect(throws: RequestError.reasonTooLong(limit: 500)) { try ssh("r", reason: String(repeating: "é", count: 501)) }
        for reason in ["", "a\nb", "a\u{0}", "\u{202E}a", "a\u{200B}"] {
            #expect(throws: RequestError.reasonNotPlain) { try ssh("r", reason: reason) }
        }
        #expect(try ssh("r", reason: String(repeating: "é", count: 500)).reason?.count == 500)
    }

    @Test func `a ticket is one short visible line`() throws {
        #expect(throws: RequestError.ticketTooLong(limit: 100)) { try ssh("r", ticket: String(repeating: "é", count: 101)) }
        for ticket in ["", "a\nb", "a\u{0}", "\u{202E}a", "a\u{200B}"] {
            #expect(throws: RequestError.ticketNotPlain) { try ssh("r", ticket: ticket) }
        }
        #expect(try ssh("r", ticket: String(repeating: "é", count: 100)).ticket?.count == 100)
    }

    @Test func `logins are checked one by one`() {
        #expect(throws: RequestError.noLogins) { try ssh("r", logins: []) }
        #expect(throws: RequestError.invalidLogin("a,root")) { try ssh("r", logins: ["b", "a,root"]) }
        #expect(throws: RequestError.duplicateName("a")) { try ssh("r", logins: ["a", "a"]) }
        #expect(throws: RequestError.tooManyLogins(limit: 256)) { try ssh("r", logins: (0...256).map { "a\($0)" }) }
    }

    @Test(arguments: [
        "*.example.com", "Example.com", "a.com.", "a\u{0}.com", "ünicode.com", "a b", "", "a@B.com", "spiffe://a",
        "https://a/%2e",
    ])
    func `names no certificate may have are refused`(name: String) {
        #expect(throws: RequestError.self) { try X509Names(sorting: [name]) }
    }

    @Test func `names are sorted by kind, and doubles refused`() throws {
        let names = try X509Names(sorting: ["b.com", "a.com", "10.0.0.1", "::1", "a@b.com", "spiffe://a/b"])
        #expect(names.dns == ["a.com", "b.com"])
        #expect(names.ips.map(\.description) == ["::1", "10.0.0.1"])
        #expect(names.emails == ["a@b.com"])
        #expect(names.uris == ["spiffe://a/b"])
        #expect(throws: RequestError.duplicateName("a.com")) { try X509Names(sorting: ["a.com", "a.com"]) }
        #expect(throws: RequestError.spiffeBesideOthers) { try X509Names(sorting: ["spiffe://a/b", "spiffe://a/c"]) }
        #expect(throws: RequestError.tooManyNames(limit: 100)) { try X509Names(sorting: (0...100).map { "a\($0).com" }) }
        #expect(throws: RequestError.invalidName("10.0.0.1", place: "a DNS name")) { try X509Names(dns: ["10.0.0.1"]) }
    }
}
