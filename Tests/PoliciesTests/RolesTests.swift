// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Policies

@Suite struct `Roles of an identity` {
    private let text = """
        zones: {web: {hosts: ["web*.example.com"]}, db: {hosts: ["db*.example.com"]}}
        roles:
          small: {ssh: {logins: [deploy], zones: [web]}}
          large: {ssh: {logins: [deploy, root], zones: [web, db], extensions: [pty]}}
          pty: {ssh: {logins: [deploy], zones: [web], extensions: [pty]}}
          forward: {ssh: {logins: [deploy], zones: [web], extensions: [port-forwarding]}}
          auditor: {capabilities: [audit.read], description: reads}
        allow:
          - {id: r1, who: {groups: [a]}, roles: [small, large], lifetime: {default: 10m, max: 1h}}
          - {id: r2, who: {groups: [a]}, roles: [large], lifetime: {max: 2h}, reason: {required: true}}
          - {id: r3, who: {groups: [b]}, roles: [pty, forward], lifetime: {max: 2h}}
          - {id: r4, who: {groups: [c]}, roles: [small], lifetime: {max: 2h}, reason: {required: true}}
          - {id: r5, who: {groups: [auditors]}, roles: [auditor]}
        deny:
          - {id: d, who: {groups: [banned]}, roles: ["*"]}

        """

    @Test func `an overview shows what one may take`() throws {
        let set = try policies(text)
        let roles = set.roles(for: person(groups: .known(["a", "auditors"])), at: anyTime)
        #expect(roles.map(\.name) == ["auditor", "large", "small"])
        #expect(roles[0].capabilities == [.auditRead])
        #expect(roles[0].description == "reads")
        #expect(roles[0].maximumLifetime == nil)
        #expect(roles[1].rule.id == "r2")
        #expect(roles[1].maximumLifetime == .seconds(7200))
        #expect(!roles[1].reasonRequired && !roles[1].ticketRequired && !roles[1].needsApproval)
        #expect(roles[1].zones == ["db", "web"])
        #expect(roles[1].logins == ["deploy", "root"])
        #expect(roles[1].kinds == [.ssh])
        #expect(set.roles(for: person(groups: .known(["a", "banned"])), at: anyTime).isEmpty)
        #expect(set.roles(for: person(groups: .unknown), at: anyTime).isEmpty)
        #expect(set.roles(for: person(groups: .known(["c"])), at: anyTime).map(\.reasonRequired) == [true])
    }

    @Test func `a capability comes with a role and goes with a deny`() throws {
        let set = try policies(text)
        guard case .allow(let rule, let role) = set.hasCapability(.auditRead, person(groups: .known(["auditors"])), at: anyTime)
        else { return #expect(Bool(false), "refused") }
        #expect(rule.id == "r5" && role == "auditor")
        for (groups, capability, text) in [
            (["auditors"], .certificatesRevoke, "none of your roles has capability `certificates.revoke`"),
            (
                ["auditors", "banned"], .auditRead,
                "none of your roles has capability `audit.read`; denied by p.yaml:16 (`d`)"
            ),
            (
                [], .auditRead,
                "none of your roles has capability `audit.read`; not allowed by p.yaml:14 (`r5`): you are not in group `auditors`"
            ),
        ] as [(Set<String>, Capability, String)] {
            guard case .deny(let denial) = set.hasCapability(capability, person(groups: .known(groups)), at: anyTime) else {
                #expect(Bool(false), "allowed")
                continue
            }
            #expect(denial.description == text)
        }
    }

    @Test(
        arguments: [
            (["a"], "web1.example.com", "deploy", nil, RoleChoice.role("small")),
            (["a"], "web1.example.com", nil, nil, .role("small")),
            (["a"], "web1.example.com", "root", nil, .role("large")),
            (["a"], "db1.example.com", "deploy", nil, .role("large")),
            (["b"], "web1.example.com", "deploy", nil, .tie(["forward", "pty"])),
            (["a", "b"], "web1.example.com", "deploy", nil, .role("small")),
            (["c"], "web1.example.com", "deploy", "because", .role("small")),
        ] as [(Set<String>, String, String?, String?, RoleChoice)])
    func `the role with the fewest rights reaches a host`(
        groups: Set<String>, host: String, login: String?, reason: String?, choice: RoleChoice
    ) throws {
        let set = try policies(text)
        let found = set.roleReaching(
            host: try HostName(host), login: login, reason: reason, for: person(groups: .known(groups)), at: anyTime)
        #expect(found == choice)
    }

    @Test func `no role is refused with the reasons`() throws {
        let set = try policies(text)
        guard
            case .none(let denial) = set.roleReaching(
                host: try HostName("db1.example.com"), login: nil, for: person(groups: .known(["c"])), at: anyTime)
        else { return #expect(Bool(false), "found one") }
        #expect(
            denial.description == "none of your roles reaches host `db1.example.com`; "
                + "not allowed by p.yaml:10 (`r1`): you are not in group `a`; "
                + "not allowed by p.yaml:11 (`r2`): you are not in group `a`, and a reason is missing; give one")
    }
}

@Suite struct `Tests in policy files` {
    private let text = """
        zones: {web: {hosts: ["web*.example.com"]}}
        roles: {shell: {ssh: {logins: [deploy], zones: [web], extensions: [pty]}}, audit: {capabilities: [audit.read]}}
        allow:
          - {id: r, who: {groups: [a]}, roles: [shell, audit], lifetime: {default: 10m, max: 1h}}
          - {id: other, who: {groups: [o]}, roles: [shell], lifetime: {max: 2h}}
        deny: [{id: d, who: {groups: [banned]}, roles: [shell]}, {id: d2, who: {groups: [x]}, roles: [shell]}]
        tests:
          - {it: x,
        """

    @Test(arguments: [
        (
            "who: {groups: [a]}, asks: {role: shell}, expect: {allow: r, lifetime: 10m, principals: [\"deploy@zone:web\"], extensions: [pty]}",
            []
        ),
        ("who: {groups: [a]}, asks: {role: audit}, expect: {allow: r, capabilities: [audit.read]}", []),
        ("who: {groups: [a]}, asks: {role: shell}, expect: {allow: r, source_address: [], key_types: []}", []),
        (
            "who: {groups: [a]}, asks: {role: shell}, expect: {allow: r, extensions: []}",
            ["expected `extensions` none, but it is `pty`"]
        ),
        ("who: {groups: [banned, a]}, asks: {role: shell}, expect: {deny: d}", []),
        ("who: {groups: [b]}, asks: {role: shell}, expect: {deny: true}", []),
        (
            "who: {groups: [a]}, asks: {role: shell}, expect: {allow: r, lifetime: 20m}",
            ["expected `lifetime` 20m, but it is 10m"]
        ),
        (
            "who: {groups: [a]}, asks: {role: shell}, expect: {allow: r, principals: [x, y], force_command: z}",
            ["expected `principals` `x`, `y`, but it is `deploy@zone:web`", "expected `force_command` `z`, but it is none"]
        ),
        ("who: {groups: [a]}, asks: {role: shell}, expect: {allow: other}", ["expected rule `other`, but `r` allowed it"]),
        ("who: {groups: [a]}, asks: {role: shell}, expect: {deny: d}", ["expected rule `d` to deny it, but `r` allowed it"]),
        ("who: {groups: [a]}, asks: {role: shell}, expect: {deny: true}", ["expected a refusal, but `r` allowed it"]),
        (
            "who: {groups: [a, banned]}, asks: {role: shell}, expect: {deny: d2}",
            ["expected rule `d2` to deny it, but it was denied by p.yaml:7 (`d`)"]
        ),
        (
            "who: {groups: [a, banned]}, asks: {role: shell}, expect: {allow: r}",
            ["expected rule `r` to allow it, but it was denied by p.yaml:7 (`d`)"]
        ),
        (
            "who: {user: u}, asks: {role: audit}, expect: {allow: r}",
            ["expected rule `r` to allow it, but it was not allowed by p.yaml:5 (`r`): you are not in group `a`"]
        ),
    ])
    func `a failing test says what is different`(test: String, differences: [String]) throws {
        let results = try policies(text + " \(test)}\n").runTests()
        #expect(results.map(\.differences) == [differences])
        #expect(results[0].passed == differences.isEmpty)
        #expect(results[0].description.hasPrefix("p.yaml:9: x"))
    }
}
