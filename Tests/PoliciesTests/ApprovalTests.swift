// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Policies

private let text = """
    zones: {web: {hosts: ["web*.example.com"]}}
    groups: {leads: {members: [lea@example.com]}}
    roles:
      shell: {ssh: {logins: [deploy], zones: [web]}}
      root: {ssh: {logins: [root, deploy], zones: [web], extensions: [pty]}}
      web: {ssh: {logins: [web], zones: [web]}}
    allow:
      - {id: at-once, who: {groups: [sre]}, roles: [shell], lifetime: {default: 10m, max: 30m}}
      - id: asked
        who: {groups: [staff]}
        roles: [shell, root]
        lifetime: {max: 4h}
        approval:
          steps: [{by: {groups: [leads]}}, {by: {users: [cto@example.com, "*@board.example"], mfa: true}, count: 2}]
          wait: 30m
          claim_within: 10m
          grant: 8h
          total: 12h
      - id: with-ticket
        who: {groups: [staff]}
        roles: [shell]
        lifetime: {max: 6h}
        ticket: {required: true}
        approval: {steps: [{by: {groups: [leads]}}]}
      - {id: z-also-asked, who: {groups: [staff]}, roles: [shell], lifetime: {max: 4h}, approval: {steps: [{by: {groups: [leads]}}]}}
    deny:
      - {id: banned, who: {groups: [banned]}, roles: ["*"]}

    """

@Suite struct `Approvals` {
    private let staff = person(groups: .known(["staff"]))
    private let both = person(groups: .known(["sre", "staff"]))
    private let hours = { Duration.seconds(3600 * $0) }

    @Test func `what needs approval is offered, with all that would be given`() throws {
        let offer = try #require(try policies(text).answer(staff, ssh("shell", lifetime: hours(8))).offer)
        #expect(offer.rule.id == "asked" && offer.role == "shell" && offer.lifetime == hours(4))
        #expect(offer.narrowed == ["lifetime is 4h instead of 8h by p.yaml:10 (`asked`)"])
        guard case .ssh(let permit) = offer.subject else { return #expect(Bool(false), "another kind") }
        #expect(permit.principals == ["deploy@zone:web"])
        let approval = offer.approval
        #expect(approval.steps.map(\.count) == [1, 2])
        #expect(approval.steps[0].by.groups == ["leads"] && approval.steps[0].by.users.isEmpty)
        #expect(approval.steps[1].by.users == ["cto@example.com"] && approval.steps[1].by.userDomains == ["board.example"])
        #expect(approval.steps[1].by.mfa == true)
        #expect(approval.wait == .seconds(1800) && approval.claimWithin == .seconds(600) && approval.grant == hours(8))
        #expect(approval.total == hours(12))
        #expect(approval.description.hasSuffix(" must approve, with extensions for at most 12h"))
    }

    @Test(
        arguments: [
            (.issue, nil, "at-once", true), (.issue, "T-1", "at-once", true), (.request, nil, "asked", false),
            (.request, "T-1", "with-ticket", false),
        ] as [(AuthorizationRequest.Route, String?, String, Bool)])
    func `the route chooses between at once and after approval`(
        route: AuthorizationRequest.Route, ticket: String?, rule: String, isAtOnce: Bool
    ) throws {
        let answer = try policies(text).answer(both, ssh("shell", lifetime: hours(6), ticket: ticket, route: route))
        #expect(answer.permit?.rule.id == (isAtOnce ? rule : nil))
        #expect(answer.offer?.rule.id == (isAtOnce ? nil : rule))
    }

    private static let glass = """
          - id: glass
            who: {groups: [staff]}
            roles: [shell]
            lifetime: {max: 9h}
            approval: {review: {by: {groups: [security]}, within: 1d}}

        """

    @Test(
        arguments: [
            (.issue, ["sre", "staff"], "at-once"), (.issue, ["staff"], "asked"), (.request, ["staff"], "asked"),
            (.breakGlass, ["staff"], "glass"), (.breakGlass, ["sre", "staff"], "glass"), (.breakGlass, ["sre"], "at-once"),
        ] as [(AuthorizationRequest.Route, Set<String>, String)])
    func `glass is broken only by those who say so`(
        route: AuthorizationRequest.Route, groups: Set<String>, rule: String
    ) throws {
        let set = try policies(text.replacing("deny:\n", with: Self.glass + "deny:\n"))
        let answer = set.answer(person(groups: .known(groups)), try ssh("shell", route: route))
        #expect((answer.permit?.rule ?? answer.offer?.rule)?.id == rule)
        #expect(answer.offer?.approval.isBreakGlass == (answer.offer == nil ? nil : rule == "glass"))
    }

    @Test func `what no rule gives as break-glass is refused, whoever else could approve it`() throws {
        for groups: Set<String> in [["staff"], ["duty"], ["duty", "staff"]] {
            let set = try policies(text.replacing("deny:\n", with: Self.automatic + "deny:\n"))
            let answer = set.answer(person(groups: .known(groups)), try ssh("shell", route: .breakGlass))
            let denial = try #require(answer.denial)
            #expect(denial.description.contains("no rule gives you role `shell`"), "\(denial)")
            #expect(denial.description.hasSuffix("as break-glass"), "\(denial)")
        }
    }

    private static let automatic = """
          - id: duty
            who: {groups: [duty]}
            roles: [shell]
            lifetime: {default: 10m, max: 30m}
            approval: {automatic: true, claim_within: 5m, grant: 1h}

        """

    @Test(
        arguments: [
            (.request, 1800, ["duty", "staff"], "duty"), (.request, 3600, ["duty", "staff"], "duty"),
            (.request, nil, ["duty", "staff"], "duty"), (.request, 3601, ["duty", "staff"], "asked"),
            (.request, 3601, ["duty"], "duty"), (.request, 600, ["staff"], "asked"), (.request, 600, ["sre", "duty"], "duty"),
            (.issue, nil, ["duty", "staff"], "duty"), (.issue, 7200, ["duty", "staff"], "duty"),
            (.issue, nil, ["sre", "duty"], "at-once"),
        ] as [(AuthorizationRequest.Route, Int?, Set<String>, String)])
    func `a rule approves by itself before people are asked, up to what it gives`(
        route: AuthorizationRequest.Route, seconds: Int?, groups: Set<String>, rule: String
    ) throws {
        let set = try policies(text.replacing("deny:\n", with: Self.automatic + "deny:\n"))
        let request = try ssh("shell", lifetime: seconds.map { .seconds($0) }, route: route)
        let answer = set.answer(person(groups: .known(groups)), request)
        #expect((answer.permit?.rule ?? answer.offer?.rule)?.id == rule)
        #expect(answer.offer?.approval.isAutomatic == (answer.offer == nil ? nil : rule == "duty"))
        if rule == "duty" { #expect(answer.offer?.approval.description == "by the rule itself, for at most 1h") }
    }

    @Test(arguments: [
        ("automatic: false", "`automatic` is `true`, or is left out"),
        ("automatic: true, steps: [{by: {groups: [leads]}}]", "`steps` is for approval by people, and `automatic` asks none"),
        ("automatic: true, signed: key", "`signed` is for approval by people, and `automatic` asks none"),
        ("automatic: true, recheck: keep", "`recheck` is for approval by people, and `automatic` asks none"),
        ("automatic: true, wait: 5m", "`wait` is for approval by people, and `automatic` asks none"),
        (
            "automatic: true, review: {by: {groups: [leads]}, within: 1d}",
            "`review` is for approval by people, and `automatic` asks none"
        ),
        ("automatic: true, grant: 5m", "`grant` (5m) is shorter than `max` of `lifetime` (30m)"),
    ])
    func `a rule that approves by itself asks nobody`(approval: String, problem: String) {
        let edited = Self.automatic.replacing("automatic: true, claim_within: 5m, grant: 1h", with: approval)
        let error = #expect(throws: (any Error).self) {
            try policies(text.replacing("deny:\n", with: edited + "deny:\n"))
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains(problem))
    }

    @Test func `where only broken glass gives it, whoever asks is told`() throws {
        let set = try policies(
            text.replacing("deny:\n", with: Self.glass.replacing("staff", with: "night") + "deny:\n"))
        let night = person(groups: .known(["night"]))
        for route in AuthorizationRequest.Route.allCases {
            let offer = try #require(set.answer(night, try ssh("shell", route: route)).offer)
            #expect("\(offer.approval)" == "at once as break-glass, reviewed by group `security` within 1d")
        }
        let review = try #require(set.approval(ofRule: "glass")?.review)
        #expect(set.isOne(person(groups: .known(["security"])), of: review.by, at: anyTime))
        #expect(!set.isOne(night, of: review.by, at: anyTime))
    }

    /// Requests keep them in these words; they are needed again when the rule is gone.
    @Test(arguments: [
        "{groups: [leads]}", "{groups: [leads, 'a, b and user', board]}", "{users: [ana, '*@example.com', zoe]}",
        "{groups: ['group x'], users: ['x of y', a@b, '*@c.example']}", "{users: [bo], mfa: true}", "{groups: [s], mfa: true}",
    ])
    func `who must agree is read again from what is kept of it`(by: String) throws {
        let steps = "steps: [{by: \(by), count: \(by.contains("bo]") ? 1 : 3)}]"
        let set = try policies(text.replacing("steps: [{by: {groups: [leads]}}]}}\ndeny", with: steps + "}}\ndeny"))
        let step = try #require(set.approval(ofRule: "z-also-asked")?.steps.first)
        #expect(ApprovalStep(step.description) == step)
        #expect(Approvers(step.by.description) == step.by)
    }

    @Test(arguments: [
        "", "group", "group ``", "group ``x", "group `leads", "groups `leads`", "group `b`, `a`", "groups `b`, `a`",
        "groups `a`, `a`",
        "group `a` ", "group `a` and", "group `a` and group `b`", "user `a` and group `b`", "user `a`with a second factor",
        " with a second factor", "group `a`, ", "group `a` with a second factor with a second factor",
    ])
    func `words that nobody keeps name nobody`(text: String) {
        #expect(Approvers(text) == nil)
        #expect(ApprovalStep("1 of " + text) == nil)
    }

    @Test(arguments: ["0 of group `a`", "01 of group `a`", "-1 of group `a`", "group `a`", "1 group `a`", "1 of  group `a`"])
    func `a step has a number of people`(text: String) {
        #expect(ApprovalStep(text) == nil)
    }

    @Test func `those who decide have no backtick in their names`() throws {
        for by in ["{groups: ['a`, `b']}", "{users: ['a`b']}"] {
            #expect(throws: (any Error).self) {
                try policies(text.replacing("steps: [{by: {groups: [leads]}}]}}\ndeny", with: "steps: [{by: \(by)}]}}\ndeny"))
            }
        }
    }

    @Test func `people whom a rule named once are known by what their provider says`() throws {
        let set = try policies(text)
        let former = try #require(Approvers("group `former`"))
        #expect(set.isOne(person(groups: .known(["former"])), of: former, at: anyTime))
        #expect(!set.isOne(person(groups: .known(["staff"])), of: former, at: anyTime))
        #expect(!set.isOne(person(groups: .unknown), of: former, at: anyTime))
        let other = try #require(Approvers("groups `former`, `leads` and user `bo`"))
        #expect(former.sharesName(with: other) && other.sharesName(with: former))
        #expect(try !former.sharesName(with: #require(Approvers("group `leads` and user `former`"))))
    }

    @Test func `a role says which hosts it reaches`() throws {
        let set = try policies(text)
        #expect(set.problem(reaching: try HostName("web1.example.com"), withRole: "shell") == nil)
        for (host, role) in [("db1.example.com", "shell"), ("web1.example.com", "gone")] {
            #expect(set.problem(reaching: try HostName(host), withRole: role) != nil)
        }
    }

    @Test func `a decision can be held to one rule`() throws {
        func answer(_ rule: String) throws -> Decision {
            try policies(text).decide(
                both, AuthorizationRequest(role: "shell", what: .ssh(logins: nil, host: nil), ticket: "T-1", rule: rule),
                at: anyTime)
        }
        #expect(try answer("z-also-asked").offer?.rule.id == "z-also-asked")
        guard case .deny(let denial) = try answer("gone") else { throw AnswerMissing() }
        #expect(denial.description == "rule `gone` no longer gives this")
    }

    private struct AnswerMissing: Error {}

    @Test func `what was approved is compared with what would be given now`() throws {
        func rights(_ change: (String) -> String) throws -> GrantedRights {
            let set = try policies(change(text))
            let asker = person(groups: .known(["staff"]), from: "10.0.0.7")
            let offer = try #require(set.answer(asker, try ssh("shell", ticket: "T-1", route: .request)).offer)
            return set.rights(of: offer.subject, role: offer.role)
        }
        let before = try rights { $0 }
        let shell = "shell: {ssh: {logins: [deploy], zones: [web]"
        let wider = [
            "shell: {ssh: {logins: [deploy, root], zones: [web]", shell + ", extensions: [pty]",
        ]
        for wider in wider {
            let now = try rights { $0.replacing(shell, with: wider) }
            #expect(!now.isWithin(before))
            #expect(before.isWithin(now))
        }
        #expect(try !rights { $0.replacing("web*.example.com", with: "*.example.com") }.isWithin(before))
        for narrower in [", force_command: uptime", ", verify_required: true", ", source_address: requester"] {
            let now = try rights { $0.replacing(shell, with: shell + narrower) }
            #expect(now.isWithin(before))
            #expect(!before.isWithin(now))
        }
    }

    @Test func `where nothing needs approval, a request for it is allowed at once`() throws {
        let sre = person(groups: .known(["sre"]))
        #expect(try policies(text).answer(sre, ssh("shell", route: .request)).permit?.rule.id == "at-once")
    }

    @Test func `a lifetime that was cut names the rule that gives more after approval`() throws {
        let set = try policies(text)
        #expect(
            set.answer(both, try ssh("shell", lifetime: hours(5))).permit?.narrowed == [
                "lifetime is 30m instead of 5h by p.yaml:9 (`at-once`)", "p.yaml:10 (`asked`) gives 4h after approval",
            ])
        #expect(
            set.answer(both, try ssh("shell", lifetime: hours(5), ticket: "T-1")).permit?.narrowed.last
                == "p.yaml:20 (`with-ticket`) gives 5h after approval")
        #expect(set.answer(both, try ssh("shell")).permit?.narrowed == [])
        #expect(
            set.answer(person(groups: .known(["sre"])), try ssh("shell", lifetime: hours(5))).permit?.narrowed == [
                "lifetime is 30m instead of 5h by p.yaml:9 (`at-once`)"
            ])
    }

    @Test func `what is outside the role is refused before anyone is asked`() throws {
        #expect(
            try policies(text).answer(staff, ssh("shell", host: "mail.example.com")).denial
                == "role `shell` (p.yaml:5): host `mail.example.com` is in none of its zones (`web`)")
        #expect(try policies(text).answer(staff, x509("shell")).denial?.hasPrefix("role `shell` (p.yaml:5) issues") == true)
    }

    @Test func `no approval gets past a deny rule`() throws {
        let banned = person(groups: .known(["staff", "banned"]))
        #expect(try policies(text).answer(banned, ssh("shell", route: .request)).denial == "denied by p.yaml:28 (`banned`)")
    }

    @Test(arguments: [
        (person("lea@example.com", groups: .unknown), true, false), (person(groups: .known(["leads"])), true, false),
        (person(groups: .known(["staff"])), false, false), (person(groups: .unknown), false, false),
        (person("cto@example.com", mfa: .known(true)), false, true), (person("cto@example.com", mfa: .unknown), false, false),
        (person("x@board.example", mfa: .known(true)), false, true), (workload("ci", .unknown), false, false),
    ])
    func `an approval counts by whoever certainly is an approver`(identity: Identity, first: Bool, second: Bool) throws {
        let set = try policies(text)
        let steps = try #require(set.answer(staff, try ssh("shell")).offer?.approval.steps)
        #expect(steps.map { set.isApprover(identity, of: $0, at: anyTime) } == [first, second])
    }

    @Test func `an overview says what needs approval, and shows what does not`() throws {
        let roles = try policies(text).roles(for: both, at: anyTime)
        #expect(roles.map(\.name) == ["root", "shell"])
        #expect(roles.map(\.needsApproval) == [true, false])
        #expect(roles.map(\.rule.id) == ["asked", "at-once"])
        #expect(roles.map(\.maximumLifetime) == [hours(4), .seconds(1800)])
    }

    @Test(
        arguments: [
            (["sre", "staff"], "deploy", .role("shell")), (["staff"], "deploy", .role("shell")),
            (["sre", "staff"], "root", .role("root")), (["sre", "staff"], nil, .role("shell")),
        ] as [(Set<String>, String?, RoleChoice)])
    func `a host is reached without approval first`(groups: Set<String>, login: String?, choice: RoleChoice) throws {
        let set = try policies(text)
        let host = try HostName("web1.example.com")
        #expect(set.roleReaching(host: host, login: login, for: person(groups: .known(groups)), at: anyTime) == choice)
    }

    @Test func `a role with more rights at once goes before one with fewer after approval`() throws {
        let set = try policies(text)
        let more = try policies(
            text.replacing("roles: [shell], lifetime: {default", with: "roles: [root], lifetime: {default"))
        let host = try HostName("web1.example.com")
        #expect(set.roleReaching(host: host, login: "deploy", for: both, at: anyTime) == .role("shell"))
        #expect(more.roleReaching(host: host, login: "deploy", for: both, at: anyTime) == .role("root"))
    }

    @Test(arguments: [
        ("asks: {role: shell}, expect: {approval: asked, lifetime: 1h, principals: [\"deploy@zone:web\"]}", []),
        ("asks: {role: shell, route: request, ticket: T-1, lifetime: 6h}, expect: {approval: with-ticket, lifetime: 6h}", []),
        (
            "asks: {role: shell}, expect: {approval: asked, lifetime: 4h}",
            ["expected `lifetime` 4h, but it is 1h"]
        ),
        (
            "asks: {role: shell}, expect: {approval: with-ticket}",
            ["expected approval by rule `with-ticket`, but `asked` asks for approval"]
        ),
        ("asks: {role: shell}, expect: {allow: asked}", ["expected rule `asked` to allow it, but `asked` asks for approval"]),
        ("asks: {role: shell}, expect: {deny: true}", ["expected a refusal, but `asked` asks for approval"]),
        (
            "asks: {role: shell}, expect: {deny: banned}",
            ["expected rule `banned` to deny it, but `asked` asks for approval"]
        ),
        (
            "asks: {role: web}, expect: {approval: asked}",
            ["expected rule `asked` to ask for approval, but it was no rule gives role `web` (p.yaml:7) to anyone"]
        ),
    ])
    func `a test can expect that approval is needed`(test: String, differences: [String]) throws {
        let results = try policies(text + "tests: [{it: x, who: {groups: [staff]}, \(test)}]\n").runTests()
        #expect(results.map(\.differences) == [differences])
    }

    @Test(arguments: [("5m", true), ("15m", true), ("16m", false), (nil, false)] as [(String?, Bool)])
    func `a test can say when the person logged in`(ago: String?, passes: Bool) throws {
        let who = ago.map { "{user: u, authenticated_ago: \($0)}" } ?? "{user: u}"
        let set = try policies(
            """
            roles: {a: {ssh: {principals: [x]}}}
            allow: [{id: r, who: {authenticated_within: 15m}, roles: [a], lifetime: {max: 1h}}]
            tests: [{it: x, who: \(who), at: 2026-11-23T10:00:00Z, asks: {role: a}, expect: {allow: r}}]

            """)
        #expect(set.runTests().map(\.passed) == [passes])
    }
}
