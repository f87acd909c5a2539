// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Policies

@Suite struct `Questions to a set` {
    private static let text = """
        zones: {web: {hosts: ["web*.example.com"]}, db: {hosts: [db.example.com]}}
        windows: {office: {days: mon-fri, hours: "08:00-18:00", time_zone: UTC}}
        groups:
          team: {members: [ana@example.com], groups: [sre]}
        roles:
          deploy: {ssh: {logins: [deploy], zones: [web], force_command: deploy shop}}
          own: {ssh: {logins: ["{user.login}"], zones: [web, db]}}
          names: {x509: {usage: [server], dns: ["*.example.com"], uris: ["spiffe://example.com/{user.login}"]}}
          auditor: {capabilities: [audit.read]}
          forgotten: {ssh: {logins: [old], zones: [web]}}
        allow:
          - {id: team-deploys, who: {groups: [team], mfa: true}, roles: [deploy], during: office, lifetime: {max: 1h}, reason: {pattern: INC}}
          - {id: all-own, who: {users: ["*@example.com"]}, roles: [own], networks: [10.0.0.0/8], lifetime: {max: 2h}}
          - {id: ci-names, who: {provider: ci, claims: {ref: main}}, roles: [names], lifetime: {max: 1h}}
          - {id: ask-audit, who: {groups: [audit]}, roles: [auditor]}
        deny:
          - {id: no-kim, who: {user: kim@example.com}, roles: [own]}
          - {id: no-lee, who: {user: lee@other.example}, roles: [own]}
        """

    private func set() throws -> PolicySet { try policies(Self.text) }

    @Test func `who can log in is listed with every condition`() throws {
        let ways = try set().ways(to: .ssh(login: "deploy", host: HostName("web1.example.com")))
        #expect(ways.map(\.role) == ["deploy", "own"])
        #expect(ways[0].who == ["in group `team` (ana@example.com, group sre)", "with a second factor"])
        #expect(ways[0].conditions == ["during `office`", "with a reason like `INC`"])
        #expect(ways[0].restrictions == ["the command `deploy shop`"])
        #expect(ways[0].longestLifetime == 3600)
        #expect(ways[1].restrictions == ["people whose `{user.login}` is `deploy`"])
        #expect(ways[1].unless == ["user `kim@example.com` (p.yaml:18 (`no-kim`))"])
    }

    @Test func `a principal that is taken as it is, is a way in wherever servers trust it`() throws {
        let set = try policies(
            """
            zones: {web: {hosts: ["web*.example.com"]}}
            roles:
              old: {ssh: {principals: [deploy, web-admins], force_command: uptime}}
              both: {ssh: {logins: ["{user.login}"], zones: [web], principals: [deploy]}}
              other: {ssh: {principals: [db-admins]}}
            allow:
              - {id: r-old, who: {groups: [a]}, roles: [old], lifetime: {max: 1h}}
              - {id: r-both, who: {groups: [b]}, roles: [both], lifetime: {max: 1h}}
              - {id: r-other, who: {groups: [c]}, roles: [other], lifetime: {max: 1h}}
              - {id: r-none, who: {groups: [d]}, roles: [old], lifetime: {max: 1h}}
            deny: [{id: no-d, who: {groups: [d]}, roles: [old]}]
            """)
        let ways = try set.ways(to: .ssh(login: "deploy", host: HostName("web1.example.com")))
        #expect(ways.map(\.rule) == ["r-both", "r-both", "r-old", "r-other"])
        #expect(
            ways.map(\.servers) == [
                nil, "every server that trusts the principal `deploy`",
                "every server that trusts the principal `deploy`, and servers that let the principal `web-admins` in as `deploy`",
                "servers that let the principal `db-admins` in as `deploy`",
            ])
        #expect(ways[2].restrictions == ["the command `uptime`"])
        #expect(ways[1].description.contains("\n  on: every server that trusts the principal `deploy`"))
        // Whatever the host is called, for no zone says where such a principal is good.
        let elsewhere = try set.ways(to: .ssh(login: nil, host: HostName("mail.example.com")))
        #expect(
            elsewhere.map(\.servers) == [
                "every server that trusts the principal `deploy`",
                "every server that trusts the principal `deploy` or `web-admins`",
                "every server that trusts the principal `db-admins`",
            ])
    }

    @Test func `who can have an organization is told, for to Kubernetes it is a group`() throws {
        let file = repository.appending(path: "policies/examples/kubernetes/policy.yaml")
        let set = try PolicySet.load([PolicyFile(name: "k", bytes: Array(try Data(contentsOf: file)))])
        let masters = set.ways(to: .x509("system:masters"))
        #expect(masters.map(\.role) == ["cluster-admin"])
        #expect(masters.first?.restrictions == ["use as client", "the organization of the subject"])
        #expect(Set(set.ways(to: .x509("example:viewers")).map(\.role)).count == 2)
        #expect(set.ways(to: .x509("system:nodes")) == [])
    }

    @Test func `where nobody can there is no way`() throws {
        let set = try set()
        #expect(try set.ways(to: .ssh(login: "deploy", host: HostName("db.example.com"))).map(\.role) == ["own"])
        #expect(try set.ways(to: .ssh(login: "deploy", host: HostName("mail.example.com"))) == [])
        #expect(set.ways(to: .capability(.certificatesRevoke)) == [])
        #expect(try set.ways(to: .sshHost(HostName("web1.example.com"))) == [])
    }

    @Test(arguments: [
        ("web.example.com", true), ("a.b.example.com", false), ("spiffe://example.com/ana", true),
        ("spiffe://other/ana", false),
    ])
    func `who can have a name of a certificate`(name: String, found: Bool) throws {
        #expect(try set().ways(to: .x509(name)).isEmpty == !found)
    }

    @Test func `what is denied to all is no way`() throws {
        let set = try policies(Self.text + "\n  - {id: none, who: {everyone: true}, roles: [own]}\n")
        #expect(try set.ways(to: .ssh(login: nil, host: HostName("web1.example.com"))).map(\.role) == ["deploy"])
    }

    /// Brute force: whoever is let in has a way, and where there is none nobody is let in.
    @Test(arguments: Array(UInt64(1)...60))
    func `a login that is allowed is among the ways`(seed: UInt64) throws {
        var world = RandomPolicies(seed: seed &+ 7_000)
        let set = try policies(
            RandomPolicies.definitions + "allow:\n" + (0..<5).map { world.allow($0) }.joined() + "deny:\n" + world.deny(0))
        for _ in 0..<60 {
            let (identity, request) = (world.identity(), try world.request())
            guard case .ssh(let logins?, let host?) = request.what, let permit = set.answer(identity, request).permit else {
                continue
            }
            for login in logins {
                let ways = set.ways(to: .ssh(login: login, host: host))
                #expect(ways.contains { $0.role == permit.role && $0.rule == permit.rule.id && $0.servers == nil })
            }
        }
    }

    /// Brute force over certificates: a principal without a host or a zone is good for the account of its name, wherever servers
    /// have nothing else to go by, and for others where they say so.
    @Test(arguments: Array(UInt64(1)...60))
    func `a plain principal of a certificate is among the ways, and no other is`(seed: UInt64) throws {
        var world = RandomPolicies(seed: seed &+ 8_000)
        let set = try policies(
            RandomPolicies.definitions + "allow:\n" + (0..<3).map { world.allow($0) }.joined() + "deny:\n" + world.deny(0))
        let host = try HostName("anywhere.example.net")
        var carried: [String: Set<String>] = [:]
        for _ in 0..<300 {
            let (identity, request) = (world.identity(), try world.request())
            guard case .ssh = request.what, case .allow(let permit) = set.answer(identity, request),
                case .ssh(let ssh) = permit.subject
            else { continue }
            let plain = ssh.principals.filter { !$0.contains("@zone:") && !$0.contains("@host:") }
            if !plain.isEmpty { carried[permit.rule.id, default: []].formUnion(plain) }
        }
        for login in ["plain", "root"] {
            let ways = set.ways(to: .ssh(login: login, host: host))
            for (rule, principals) in carried {
                let way = ways.first { $0.rule == rule }
                #expect(way?.role == "two")
                #expect(way?.servers?.hasPrefix("every server that trusts") == principals.contains(login))
            }
            #expect(ways.allSatisfy { $0.role == "two" })
            // All that certificates of the rule carry is named.
            #expect(ways.allSatisfy { $0.servers?.contains("`plain`") == true })
        }
    }

    @Test func `what somebody can have is certain, open or taken away`() throws {
        let set = try set()
        let ana = person("ana@example.com", groups: .unknown, mfa: .unknown)
        let found = set.prospects(of: ana, at: anyTime)
        #expect(found.map(\.role) == ["auditor", "deploy", "own"])
        #expect(found[0].open == ["your groups are unknown"])
        #expect(found[2].open == ["your address is unknown"])
        let kim = person("kim@example.com", from: "10.1.1.1")
        let own = try #require(set.prospects(of: kim, at: anyTime).first { $0.role == "own" })
        #expect(own.deniedBy == ["p.yaml:18 (`no-kim`)"])
        #expect(own.description.hasPrefix("✘ own by "))
    }

    @Test func `an explanation lists every rule of the role, in the words of a refusal`() throws {
        let set = try set()
        let kim = person("kim@example.com", login: "kim", from: "192.0.2.1")
        let explanation = set.explain(kim, try ssh("own"), at: anyTime)
        #expect(explanation.steps.map(\.rule.id) == ["no-kim", "no-lee", "all-own"])
        #expect(explanation.steps.map(\.applies) == [true, false, false])
        let text = explanation.description
        #expect(text.contains("✔ p.yaml:18 (`no-kim`) denies"))
        #expect(text.contains("· p.yaml:19 (`no-lee`) does not deny: it names other users"))
        #expect(text.contains("· p.yaml:14 (`all-own`) does not apply: 192.0.2.1 is outside its networks"))
        #expect(text.hasSuffix("whoever may change p.yaml can change this\n"))
    }

    @Test func `a role of capabilities is explained too`() throws {
        let set = try set()
        let request = try ssh("auditor")
        let ida = set.explain(person("ida@example.com", groups: .known(["audit"])), request, at: anyTime)
        #expect(ida.isTaken && ida.decision == nil)
        #expect(ida.description.hasPrefix("the role is theirs\n  ✔ p.yaml:16 (`ask-audit`) applies\n"))
        let ana = set.explain(person("ana@example.com"), request, at: anyTime)
        #expect(!ana.isTaken)
        #expect(
            ana.description.hasPrefix(
                "refused: no rule gives you role `auditor` now\n  · p.yaml:16 (`ask-audit`) does not apply: you are not in group `audit`\n"
            ))
    }

    @Test func `an explanation and its decision agree`() throws {
        for seed in UInt64(1)...30 {
            var world = RandomPolicies(seed: seed &+ 9_000)
            let set = try policies(
                RandomPolicies.definitions + "allow:\n" + (0..<5).map { world.allow($0) }.joined() + "deny:\n" + world.deny(0))
            for _ in 0..<30 {
                let (identity, request) = (world.identity(), try world.request())
                let explanation = set.explain(identity, request, at: anyTime)
                #expect(explanation.decision == set.answer(identity, request))
                let denied = explanation.steps.contains { $0.effect == .deny && $0.applies }
                let allowed = explanation.steps.contains { $0.effect == .allow && $0.applies }
                guard case .deny(let denial) = explanation.decision else {
                    #expect(allowed && !denied)
                    continue
                }
                let firing = explanation.steps.filter { $0.effect == .deny && $0.applies }.map(\.rule.id)
                #expect(Set(denial.denyRules.map(\.id)) == Set(firing))
            }
        }
    }

    @Test func `what is probably not meant is warned of`() throws {
        let text = Self.text + "\n  - {id: none, who: {everyone: true}, roles: [names]}\n"
        let set = try policies(
            text.replacing("groups:\n", with: "groups:\n  idle: {members: [x@example.com]}\n")
                .replacing("db: {hosts: [db.example.com]}}", with: "db: {hosts: [db.example.com]}, moon: {hosts: [moon]}}"))
        let ceilings = LifetimeCeilings(ssh: .seconds(3600), sshHost: .seconds(3600), x509: .seconds(3600))
        let warnings = set.lint(ceilings: ceilings).map(\.description)
        for expected in [
            "no role uses zone `moon`", "p.yaml:5: no rule and no group names group `idle`",
            "p.yaml:12: no rule gives role `forgotten` to anyone",
            "p.yaml:16: rule `ci-names` gives nothing, for p.yaml:21 (`none`) denies all of it",
            "p.yaml:15: rule `all-own` gives up to 2h, but the ceiling of this installation is 1h",
            "p.yaml:14: no test exercises rule `team-deploys`",
        ] {
            #expect(warnings.contains(expected), "\(expected) in \(warnings)")
        }
    }

    @Test func `groups that nobody is in are warned of, where it is known who is in which`() throws {
        let set = try policies(
            """
            groups:
              named: {members: [ana@example.com]}
              turning: {rotation: {members: [bo@example.com], every: 1w, starts: 2026-01-05T09:00, time_zone: UTC}}
              outer: {groups: [said]}
              hollow: {groups: [nowhere]}
            roles: {a: {ssh: {principals: [x]}}}
            allow:
              - {id: r1, who: {groups: [named, turning, outer]}, roles: [a], lifetime: {max: 1h}}
              - {id: r2, who: {groups: [hollow, typo]}, roles: [a], lifetime: {max: 1h}, approval: {steps: [{by: {groups: [lost]}}]}}
            deny: [{id: d, who: {groups: [gone, said]}, roles: [a]}]
            """)
        func empty(_ said: Set<String>?) -> [String] {
            set.lint(ceilings: nil, groups: said).map(\.problem).filter { $0.hasPrefix("nobody is in") }
        }
        #expect(
            empty(["said"]) == [
                "nobody is in group `hollow`, which rule `r2` names", "nobody is in group `lost`, which rule `r2` names",
                "nobody is in group `typo`, which rule `r2` names", "nobody is in group `gone`, which rule `d` names",
            ])
        #expect(empty([]).count == 6)
        #expect(empty(nil) == [])
    }

    @Test func `a set with a test for each rule has no warning of coverage`() throws {
        let text = """
            roles: {a: {capabilities: [audit.read]}}
            allow: [{id: r, who: {user: ana@example.com}, roles: [a]}]
            tests: [{it: works, who: {user: ana@example.com}, asks: {role: a}, expect: {allow: r}}]
            """
        #expect(try policies(text).lint(ceilings: nil) == [])
    }
}
