// SPDX-License-Identifier: Apache-2.0

import Policies
import Testing

@testable import PolicyImport

/// Nothing in a `ca.json` gives more in mayfly.
@Suite struct StepCATests {
    private static let jwk = #""provisioners": [{"type": "JWK", "name": "p", "claims": {"enableSSHCA": true}}]"#
    private static let sso =
        #"{"type": "OIDC", "name": "sso", "clientID": "c", "configurationEndpoint": "https://sso.example.com/""#

    private func tokens(_ policy: String, root: String = #""ssh": {"userKey": "u"}, "#) throws -> Imported {
        try stepCA(#""policy": {\#(policy)}, \#(Self.jwk)"#, root: root)
    }

    @Test func `without a policy, tokens may name anything, and nothing is imported`() throws {
        let imported = try stepCA(Self.jwk)
        #expect(imported.files.isEmpty)
        #expect(imported.notes(.needsDecision).count == 3)
    }

    @Test func `names that are only denied leave all others, and nothing is imported`() throws {
        #expect(try tokens(#""x509": {"deny": {"dns": ["a.example.com"]}}"#).files.isEmpty)
    }

    @Test(arguments: [
        ("*.example.com", "[]", ["a.example.com"]), ("example.com", "[]", ["example.com"]),
        (" Example.COM ", "[]", ["example.com"]), ("*.example.com", #"["b.example.org"]"#, ["a.example.com"]),
        ("*.example.com", #"["a.example.com"]"#, []), ("example.com", #"["Example.com"]"#, []),
        ("a.example.com", #"["*.example.com"]"#, []), ("a*.example.com", "[]", []), ("*", "[]", []),
    ]) func `domains are allowed and not denied`(_ allowed: String, _ denied: String, _ named: [String]) throws {
        let imported = try tokens(#""x509": {"allow": {"dns": ["\#(allowed)"]}, "deny": {"dns": \#(denied)}}"#)
        guard !named.isEmpty else { return #expect(imported.files.isEmpty) }
        let set = try policies(imported)
        for name in ["example.com", "a.example.com", "a.b.example.com"] {
            #expect((try permit(set, "step-p-tls", groups: ["step-p"], names: [name]) != nil) == named.contains(name))
        }
    }

    @Test(arguments: [
        (#"["192.0.2.1", "10.0.0.0/8"]"#, "[]", true), (#"["192.0.2.1"]"#, #"["192.0.2.1/32"]"#, false),
        (#"["192.0.2.1"]"#, #"["192.0.2.0/24"]"#, false), (#"["192.0.2.0/24"]"#, "[]", false),
    ]) func `addresses are allowed one by one and not denied`(_ allowed: String, _ denied: String, _ isThere: Bool) throws {
        let imported = try tokens(
            #""x509": {"allow": {"dns": ["a.example.com"], "ip": \#(allowed)}, "deny": {"ip": \#(denied)}}"#)
        let set = try policies(imported)
        #expect((try permit(set, "step-p-tls", groups: ["step-p"], names: ["192.0.2.1"]) != nil) == isThere)
        #expect(try permit(set, "step-p-tls", groups: ["step-p"], names: ["192.0.2.9"]) == nil)
    }

    @Test(arguments: [
        (#"["deploy", "root"]"#, #"["ROOT"]"#, ["deploy"]), (#"["*", "deploy"]"#, "[]", ["deploy"]),
        (#"["deploy"]"#, #"["*"]"#, []), (#"["*"]"#, "[]", []), (#"["a.example.com"]"#, "[]", []),
    ]) func `accounts are allowed and not denied`(_ allowed: String, _ denied: String, _ principals: [String]) throws {
        let imported = try tokens(
            #""ssh": {"user": {"allow": {"principal": \#(allowed)}, "deny": {"principal": \#(denied)}}}"#)
        guard !principals.isEmpty else { return #expect(imported.files.isEmpty) }
        let found = try permit(try policies(imported), "step-p-users", groups: ["step-p"])
        guard case .ssh(let ssh)? = found?.subject else { return #expect(Bool(false), "no permit") }
        #expect(ssh.principals == principals)
    }

    @Test func `a policy counts whatever the case of its key`() throws {
        let imported = try stepCA(
            #""Policy": {"X509": {"Allow": {"DNS": ["a.example.com"]}, "dEny": {"dns": ["a.example.com"]}}}, \#(Self.jwk)"#)
        #expect(imported.files.isEmpty)
    }

    @Test func `there is no SSH without a CA for it or where it is off`() throws {
        let users = #""policy": {"ssh": {"user": {"allow": {"principal": ["a"]}}}}, "#
        #expect(try stepCA(users + Self.jwk, root: "").files.isEmpty)
        #expect(try stepCA(users + #""provisioners": [{"type": "JWK", "name": "p"}]"#).files.isEmpty)
        let off =
            #""claims": {"enableSSHCA": true}, "provisioners": [{"type": "JWK", "name": "p", "claims": {"enableSSHCA": false}}]"#
        #expect(try stepCA(users + off).files.isEmpty)
        #expect(try !stepCA(users + Self.jwk).files.isEmpty)
    }

    @Test func `lifetimes are the provisioner's, then the authority's, then those of step-ca`() throws {
        for (authority, own, maximum) in [
            ("{}", "{}", 86_400), (#"{"maxTLSCertDuration": "48h"}"#, "{}", 172_800),
            (#"{"maxTLSCertDuration": "48h"}"#, #"{"maxTLSCertDuration": "1h30m", "defaultTLSCertDuration": "1h"}"#, 5_400),
            ("{}", #"{"defaultTLSCertDuration": "72h"}"#, 86_400),
        ] {
            let imported = try stepCA(
                #""claims": \#(authority), "policy": {"x509": {"allow": {"dns": ["a.example.com"]}}}, "#
                    + #""provisioners": [{"type": "x5c", "name": "p", "claims": \#(own)}]"#)
            let found = try permit(
                try policies(imported), "step-p-tls", groups: ["step-p"], lifetime: .seconds(9_000_000))
            #expect(found?.lifetime == .seconds(maximum))
        }
    }

    @Test(arguments: [
        #""options": {"x509": {"template": "{{ toJson . }}"}}"#, #""options": {"x509": {"templateFile": "a.tpl"}}"#,
        #""options": {"webhooks": [{"name": "w"}]}"#,
    ]) func `templates and webhooks are reported, not guessed`(_ options: String) throws {
        let imported = try stepCA(#""provisioners": [\#(Self.sso), \#(options)}]"#)
        #expect(imported.files.isEmpty)
        #expect(imported.notes(.needsDecision).contains { $0.source.hasPrefix("authority.provisioners[0].options") })
    }

    @Test(arguments: ["SSHPOP", "ACME", "AWS", "GCP", "Azure", "SCEP", "Nebula", "later"])
    func `provisioners that prove something else are dropped`(_ type: String) throws {
        let imported = try stepCA(
            #""policy": {"x509": {"allow": {"dns": ["a.example.com"]}}}, "provisioners": [{"type": "\#(type)", "name": "p"}]"#)
        #expect(imported.files.isEmpty)
        #expect(imported.report.map(\.level) == [.dropped])
    }

    @Test func `people get a certificate with their own address and no other`() throws {
        let set = try policies(
            stepCA(#""provisioners": [\#(Self.sso), "domains": ["Example.com"], "admins": ["root@other.example"]}]"#))
        let found = try permit(set, "step-sso-tls", provider: "sso")
        guard case .x509(let x509)? = found?.subject else { return #expect(Bool(false), "no permit") }
        #expect(x509.names.emails == ["ana@example.com"])
        #expect(x509.usage == [.client])
        #expect(try permit(set, "step-sso-tls", provider: "sso", names: ["bo@example.com"]) == nil)
        #expect(try permit(set, "step-sso-tls", provider: "sso", user: "ana@example.org") == nil)
        #expect(try permit(set, "step-sso-tls", provider: "sso", user: "root@other.example") == nil)
        #expect(try permit(set, "step-sso-tls", provider: "local") == nil)
    }

    @Test func `both domain and group must fit`() throws {
        let set = try policies(stepCA(#""provisioners": [\#(Self.sso), "domains": ["example.com"], "groups": ["sre"]}]"#))
        #expect(try permit(set, "step-sso-tls", provider: "sso", groups: ["sre"]) != nil)
        #expect(try permit(set, "step-sso-tls", provider: "sso") == nil)
        #expect(try permit(set, "step-sso-tls", provider: "sso", user: "ana@example.org", groups: ["sre"]) == nil)
    }

    @Test(arguments: [#""groups": ["a*"]"#, #""domains": ["*.example.com"]"#])
    func `people who cannot be told from others get nothing`(_ who: String) throws {
        #expect(try stepCA(#""provisioners": [\#(Self.sso), \#(who)}]"#).files.isEmpty)
    }

    @Test func `a provider is never mistaken for the users of mayfly`() throws {
        let imported = try stepCA(#""provisioners": [\#(Self.sso.replacing(#""sso""#, with: #""Local""#))}]"#)
        #expect(text(imported).contains("provider: local-2"))
        #expect(try permit(policies(imported), "step-local-tls", provider: "local") == nil)
    }

    @Test func `one's own account needs a zone, and limits of accounts forbid it`() throws {
        let own = #"{"enableSSHCA": true}"#
        let zone = try ImportZone(name: "fleet", hosts: ["*.example.com"])
        let people = #""claims": \#(own), "provisioners": [\#(Self.sso)}]"#
        #expect(try !policies(stepCA(people)).roleNames.contains("step-sso-users"))
        let found = try permit(try policies(stepCA(people, zone: zone)), "step-sso-users", provider: "sso")
        guard case .ssh(let ssh)? = found?.subject else { return #expect(Bool(false), "no permit") }
        #expect(ssh.principals == ["ana@zone:fleet"])
        let limited = #""policy": {"ssh": {"user": {"deny": {"principal": ["root"]}}}}, \#(people)"#
        #expect(try !policies(stepCA(limited, zone: zone)).roleNames.contains("step-sso-users"))
    }

    @Test func `the database is mentioned where it counts`() throws {
        let imported = try stepCA(#""enableAdmin": true, "provisioners": []"#)
        #expect(imported.notes(.needsDecision).map(\.source) == ["authority.enableAdmin"])
    }
}
