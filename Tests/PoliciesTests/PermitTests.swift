// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Policies

private func everyone(_ roles: String) throws -> PolicySet {
    try policies(
        """
        zones:
          web: {hosts: ["web*.example.com", 192.0.2.10]}
          db: {hosts: ["db*.example.com"]}
        roles:
          r: \(roles)
        allow: [{id: all, who: {everyone: true}, roles: [r], lifetime: {max: 1h}}]

        """)
}

@Suite struct `SSH certificates of a role` {
    @Test func `principals are each login in each zone, sorted`() throws {
        let set = try everyone("{ssh: {logins: [root, deploy, \"{user.login}\"], zones: [web, db], principals: [zz, aa]}}")
        #expect(
            set.answer(person(login: "deploy"), try ssh("r")).ssh?.principals == [
                "aa", "deploy@zone:db", "deploy@zone:web", "root@zone:db", "root@zone:web", "zz",
            ])
    }

    @Test func `logins that are asked for narrow, and drop the plain principals`() throws {
        let set = try everyone("{ssh: {logins: [root, deploy], zones: [web], principals: [zz]}}")
        #expect(set.answer(person(), try ssh("r", logins: ["deploy"])).ssh?.principals == ["deploy@zone:web"])
        #expect(
            set.answer(person(), try ssh("r", logins: ["deploy", "admin"])).denial
                == "role `r` (p.yaml:6): login `admin` is not among its logins (`root`, `deploy`)")
    }

    @Test func `a host narrows to itself`() throws {
        let set = try everyone("{ssh: {logins: [root], zones: [web, db], principals: [zz]}}")
        #expect(set.answer(person(), try ssh("r", host: "web7.example.com")).ssh?.principals == ["root@host:web7.example.com"])
        #expect(set.answer(person(), try ssh("r", host: "192.0.2.10")).ssh?.principals == ["root@host:192.0.2.10"])
        #expect(
            set.answer(person(), try ssh("r", host: "mail.example.com")).denial
                == "role `r` (p.yaml:6): host `mail.example.com` is in none of its zones (`db`, `web`)")
    }

    @Test func `plain principals cannot be narrowed`() throws {
        let set = try everyone("{ssh: {principals: [zz]}}")
        #expect(set.answer(person(), try ssh("r")).ssh?.principals == ["zz"])
        #expect(set.answer(person(), try ssh("r", host: "web1.example.com")).permit == nil)
        #expect(set.answer(person(), try ssh("r", logins: ["zz"])).permit == nil)
    }

    @Test func `a missing or unsuitable login refuses the whole`() throws {
        let set = try everyone("{ssh: {logins: [deploy, \"{user.login}\"], zones: [web]}}")
        #expect(set.answer(person(login: nil), try ssh("r")).denial == "role `r` (p.yaml:6): you have no `{user.login}`")
        #expect(set.answer(person(login: nil), try ssh("r", logins: ["deploy"])).permit == nil)
        #expect(
            set.answer(person(login: "a,root"), try ssh("r")).denial
                == "role `r` (p.yaml:6): your `{user.login}` is `a,root`, which cannot stand in a login")
    }

    @Test func `options are as the role says`() throws {
        let set = try everyone(
            "{ssh: {principals: [x], extensions: [pty, x11-forwarding, agent-forwarding], force_command: uptime, source_address: [10.0.0.0/8], verify_required: true, end_session_at_expiry: true}}"
        )
        let permit = try #require(set.answer(person(), try ssh("r")).ssh)
        #expect(permit.extensions == ["permit-X11-forwarding", "permit-agent-forwarding", "permit-pty"])
        #expect(permit.forceCommand == "uptime")
        #expect(permit.sourceAddresses.map(\.description) == ["10.0.0.0/8"])
        #expect(permit.verifyRequired)
        #expect(permit.endsSessionAtExpiry)
        #expect(permit.keyTypes == [.skEd25519, .skECDSA])
    }

    @Test(arguments: [("10.1.2.3", "10.1.2.3/32"), ("2001:db8::1", "2001:db8::1/128"), ("::ffff:10.1.2.3", "10.1.2.3/32")])
    func `the requester's address is bound`(address: String, network: String) throws {
        let set = try everyone("{ssh: {principals: [x], source_address: requester}}")
        #expect(set.answer(person(from: address), try ssh("r")).ssh?.sourceAddresses.map(\.description) == [network])
        #expect(
            set.answer(person(), try ssh("r")).denial
                == "role `r` (p.yaml:6): it binds certificates to the address of the requester, which is unknown")
    }

    @Test func `a host certificate names one host of the zones`() throws {
        let set = try everyone("{ssh_host: {zones: [web]}}")
        func ask(_ host: String) throws -> Decision {
            set.answer(person(), try AuthorizationRequest(role: "r", what: .sshHost(host: try HostName(host))))
        }
        #expect(
            try ask("web1.example.com").permit?.subject == .sshHost(SSHHostPermit(hosts: [try HostName("web1.example.com")])))
        #expect(try ask("db1.example.com").permit == nil)
    }
}

@Suite struct `X.509 certificates of a role` {
    @Test func `exact names go in by default, patterns do not`() throws {
        let set = try everyone(
            "{x509: {usage: [server, client], common_name: web, dns: [www.example.com, \"*.web.example.com\"], ips: [192.0.2.10], emails: [a@example.com], uris: [\"https://example.com/x\"]}}"
        )
        let permit = try #require(set.answer(person(), try x509("r")).x509)
        #expect(permit.usage == [.client, .server])
        #expect(permit.commonName == "web")
        #expect(
            permit.names
                == (try X509Names(sorting: ["www.example.com", "192.0.2.10", "a@example.com", "https://example.com/x"])))
        #expect(set.answer(person(), try x509("r", [])).x509 == permit)
    }

    @Test(arguments: [
        (["www.example.com"], true), (["a.web.example.com", "b.web.example.com"], true), (["a.b.web.example.com"], false),
        (["web.example.com"], false), (["www.example.com", "evil.example.com"], false), (["192.0.2.10"], true),
        (["192.0.2.11"], false),
        (["a@example.com"], false), (["spiffe://example.com/x"], false),
    ])
    func `names that are asked for are all allowed or all refused`(names: [String], allowed: Bool) throws {
        let set = try everyone("{x509: {usage: [server], dns: [www.example.com, \"*.web.example.com\"], ips: [192.0.2.10]}}")
        let permit = set.answer(person(), try x509("r", names)).x509
        #expect(permit?.names == (allowed ? try X509Names(sorting: names) : nil))
    }

    @Test func `the offending name is named`() throws {
        let set = try everyone("{x509: {usage: [server], dns: [www.example.com]}}")
        #expect(
            set.answer(person(), try x509("r", ["www.example.com", "evil.example.com"])).denial
                == "role `r` (p.yaml:6): DNS name `evil.example.com` is not among its names")
    }

    @Test func `patterns alone need a request with names`() throws {
        let set = try everyone("{x509: {usage: [server], dns: [\"*.web.example.com\"]}}")
        #expect(
            set.answer(person(), try x509("r")).denial
                == "role `r` (p.yaml:6): it has only patterns; ask for the names you need")
    }

    /// Role, who asks, and the name that results or nil for a refusal.
    @Test(
        arguments: [
            ("common_name: \"{user.name}\"", person(), "ana@example.com"),
            ("common_name: \"{user.name}\"", person("a,O=evil"), nil),
            ("common_name: \"{user.name}\"", person(String(repeating: "a", count: 65)), nil),
            ("common_name: \"{user.name}\"", workload("ci", .known([:])), nil),
            ("common_name: \"{user.login} of {user.domain}\"", person(), "ana of example.com"),
            ("common_name: \"{user.domain}\"", person("ana"), nil),
            ("common_name: \"{claims.repo}\"", workload("ci", .known(["repo": .string("shop")])), "shop"),
            ("common_name: \"{claims.repo}\"", workload("ci", .known(["repo": .list([.string("shop")])])), nil),
            ("common_name: \"{claims.repo}\"", workload("ci", .unknown), nil),
        ] as [(String, Identity, String?)])
    func `a common name comes from a template or not at all`(role: String, identity: Identity, name: String?) throws {
        let set = try everyone("{x509: {usage: [client], \(role)}}")
        #expect(set.answer(identity, try x509("r")).x509?.commonName == name)
    }

    /// Organizations of the role, who asks, and those that result or nil for a refusal.
    @Test(
        arguments: [
            ("[\"system:masters\", dev, \"a b\"]", person(), ["a b", "dev", "system:masters"]),
            ("[\"team:{claims.team}\", dev]", workload("ci", .known(["team": .string("dev")])), ["dev", "team:dev"]),
            ("[\"{claims.team}\", dev]", workload("ci", .known(["team": .string("dev")])), ["dev"]),
            ("[\"{claims.team}\"]", workload("ci", .known(["team": .string("system:masters")])), nil),
            ("[\"{claims.team}\"]", workload("ci", .known(["team": .string("a,O=b")])), nil),
            ("[\"{claims.team}\"]", workload("ci", .known(["team": .list([.string("dev")])])), nil),
            ("[\"{claims.team}\"]", workload("ci", .known([:])), nil),
            ("[\"{claims.team}\"]", workload("ci", .unknown), nil),
            ("[\"{user.domain}\"]", person(), ["example.com"]),
        ] as [(String, Identity, [String]?)])
    func `organizations come from the role, and no colon from a value`(
        role: String, identity: Identity, organizations: [String]?
    ) throws {
        let set = try everyone("{x509: {usage: [client], common_name: n, dns: [www.example.com], organizations: \(role)}}")
        #expect(set.answer(identity, try x509("r")).x509?.organizations == organizations)
        #expect(set.answer(identity, try x509("r", ["www.example.com"])).x509?.organizations == organizations)
    }

    @Test(
        arguments: [
            ("dns: [\"{user.login}.lab.example.com\"]", person(login: "ana"), "ana.lab.example.com"),
            ("dns: [\"{user.login}.lab.example.com\"]", person(login: "a.b"), nil),
            ("dns: [\"{user.login}.lab.example.com\"]", person(login: "*"), nil),
            ("dns: [\"{user.login}.lab.example.com\"]", person(login: ""), nil),
            ("dns: [\"{user.login}.lab.example.com\"]", person(login: "a_b"), nil),
            ("dns: [\"host.{user.domain}\"]", person(), "host.example.com"),
            ("dns: [\"host.{user.domain}\"]", person("a@Example.com"), nil),
            ("emails: [\"{user.name}\"]", person(), "ana@example.com"),
            ("emails: [\"{user.name}\"]", person("Ana <ana@example.com>"), nil),
            ("emails: [\"{user.login}@example.com\"]", person(login: "x@evil.example"), nil),
            ("uris: [\"spiffe://example.com/p/{user.login}\"]", person(), "spiffe://example.com/p/ana"),
            ("uris: [\"spiffe://example.com/p/{user.login}\"]", person(login: ".."), nil),
            ("uris: [\"spiffe://example.com/p/{user.login}\"]", person(login: "a/../b"), nil),
            ("uris: [\"spiffe://example.com/p/{user.name}\"]", person(), nil),
            ("uris: [\"spiffe://example.com/p/{claims.repo}\"]", workload("ci", .known(["repo": .string("a/b")])), nil),
            ("uris: [\"spiffe://example.com/p/{claims.repo}\"]", workload("ci", .known(["repo": .string("a%2fb")])), nil),
        ] as [(String, Identity, String?)])
    func `no value brings a second name with it`(role: String, identity: Identity, name: String?) throws {
        let set = try everyone("{x509: {usage: [client], \(role)}}")
        let names = set.answer(identity, try x509("r")).x509?.names
        #expect(names.map { $0.dns + $0.emails + $0.uris } == name.map { [$0] })
    }

    /// Values made of everything that means something somewhere: a comma, a star, a second name, a line of its own.
    @Test(arguments: [
        ("x509: {usage: [client], dns: [\"{claims.x}.lab.example.com\"]}", "[a-z0-9-]+\\.lab\\.example\\.com"),
        ("x509: {usage: [client], emails: [\"{claims.x}@example.com\"]}", "[A-Za-z0-9._-]+@example\\.com"),
        (
            "x509: {usage: [client], uris: [\"spiffe://example.com/{claims.x}/end\"]}",
            "spiffe://example\\.com/[A-Za-z0-9._-]+/end"
        ),
        ("x509: {usage: [client], common_name: \"{claims.x}\"}", "[A-Za-z0-9 @._:'()-]{1,64}"),
        ("x509: {usage: [client], common_name: c, organizations: [\"team:{claims.x}\"]}", "team:[A-Za-z0-9 @._'()-]{1,59}"),
        ("ssh: {logins: [\"{claims.x}\"], zones: [web]}", "[a-z_][a-z0-9_.-]{0,31}@zone:web"),
    ])
    func `whatever a value is, it stays one part of one name`(role: String, shape: String) throws {
        let set = try policies(
            "zones: {web: {hosts: [web.example.com]}}\nroles: {r: {\(role)}}\n"
                + "allow: [{id: a, who: {everyone: true}, roles: [r], lifetime: {max: 1h}}]\n")
        let pieces = [
            "a", "ops", "A", "0", "*", ",", ", ", ".", "..", "@", "/", "/../", ":", "\n", "\r\n", "\u{0}", " ", "%2e", "é",
            "\u{202e}",
            "@zone:db", "@host:db", "system:masters", "-", "_", "\\", "{user.name}", "?", "#", "=", "+", "'", "\"", ";", "|",
            "CN=x",
        ]
        let expected = try Regex(shape)
        var random = SeededGenerator(seed: 1)
        var given = 0
        for _ in 0..<2000 {
            let value = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                pieces[Int.random(in: pieces.indices, using: &random)]
            }.joined()
            let what: AuthorizationRequest.Subject = role.hasPrefix("ssh") ? .ssh(logins: nil, host: nil) : .x509(names: nil)
            let identity = workload("ci", .known(["x": .string(value)]))
            guard let permit = set.answer(identity, try AuthorizationRequest(role: "r", what: what)).permit else { continue }
            let names: [String]
            switch permit.subject {
            case .ssh(let ssh): names = ssh.principals
            case .sshHost: names = []
            case .x509(let x509):
                let all = x509.names.dns + x509.names.emails + x509.names.uris + x509.organizations
                names = all.isEmpty ? [x509.commonName].compactMap(\.self) : all
            }
            #expect(names.count == 1, "\(value.debugDescription) gives \(names)")
            for name in names { #expect(name.wholeMatch(of: expected) != nil, "\(value.debugDescription) gives \(name)") }
            given += 1
        }
        // Some values are good ones, so that this says something.
        #expect(given > 10)
    }

    @Test func `a claim that is an e-mail address may be a name when it stands alone`() throws {
        let set = try policies(
            """
            roles: {mail: {x509: {usage: [client], emails: ["{claims.email}"]}}}
            allow: [{id: ci, who: {provider: ci}, roles: [mail], lifetime: {max: 1h}}]
            """)
        let job = workload("ci", .known(["email": .string("bot@example.com")]))
        guard case .x509(let permit)? = set.answer(job, try x509("mail")).permit?.subject else {
            Issue.record("refused")
            return
        }
        #expect(permit.names.emails == ["bot@example.com"])
        let two = workload("ci", .known(["email": .string("a@example.com,b@example.com")]))
        #expect(set.answer(two, try x509("mail")).permit == nil)
    }
}
