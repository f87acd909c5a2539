// SPDX-License-Identifier: Apache-2.0

import Authentication
import Foundation
import Policies
import StrictYAML
import Testing

@testable import mayfly

@Suite struct ConfigurationTests {
    @Test func `the template says what the defaults are`() throws {
        let read = try Configuration(parsing: Array(Configuration().template.utf8), file: "mayfly.yaml")
        #expect(read == Configuration())
    }

    @Test func `ca/mayfly.yaml is the template`() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("ca/mayfly.yaml")
        #expect(try String(contentsOf: path, encoding: .utf8) == Configuration().template)
    }

    @Test(arguments: [
        ("nam: x", "mayfly.yaml:1:1: unknown key `nam` in the configuration; did you mean `name`?"),
        ("listen: nowhere", "mayfly.yaml:1:9: `nowhere` is not an address to listen on; expected `127.0.0.1:8443`"),
        (
            "listen: \"127.0.0.1:70000\"",
            "mayfly.yaml:1:9: `127.0.0.1:70000` is not an address to listen on; expected `127.0.0.1:8443`"
        ),
        ("ceilings: {ssh: 0s}", "mayfly.yaml:1:17: `0s` is no time at all"),
        (
            "ceilings: {ssh: 1.5h}",
            "mayfly.yaml:1:17: `1.5h` is not a duration; write a whole number and a unit: `30s`, `10m`, `8h`, `7d`, `1w`"
        ),
        (
            "keys: {root: rsa-2048}",
            "mayfly.yaml:1:14: unknown algorithm `rsa-2048`; known are `ed25519`, `ecdsa-p256`, `ecdsa-p384`, `ecdsa-p521`, `rsa-3072`, `rsa-4096`"
        ),
        (
            "keys: {log: ed25519}",
            "mayfly.yaml:1:8: unknown key `log` in `keys`; known are `root`, `issuing`, `service`, `ssh_user`, `ssh_host`"
        ),
        ("hosts: [Web.example.com]", "mayfly.yaml:1:9: `Web.example.com` has capitals; write names in lower case"),
        (
            "providers: {local: {type: workload, issuer: \"https://a.example\", audience: a, claims: [x]}}",
            "mayfly.yaml:1:13: `local` cannot be the name of a provider; expected `[a-z][a-z0-9-]*` and not `local`, `hosts`, `machines`, `console`, `server`"
        ),
        (
            "providers: {a: {type: workload, issuer: \"http://a.example\", audience: a, claims: [x]}}",
            "mayfly.yaml:1:41: `http://a.example` must begin with `https://`"
        ),
        (
            "providers: {a: {type: workload, issuer: \"https://a.example\", audience: a}}",
            "mayfly.yaml:1:13: `claims` is missing: by them policies tell one workload from another"
        ),
        (
            "providers: {a: {type: workload, issuer: \"https://a.example\", audience: a, claims: [x], domains: [b.example]}}",
            "mayfly.yaml:1:97: a provider of workloads has no `domains`"
        ),
        (
            "providers: {a: {type: people, issuer: \"https://a.example\", client_id: a, domains: [a.example], device_flow: maybe}}",
            "mayfly.yaml:1:109: `device_flow` is `allowed` or `refused`, not `maybe`"
        ),
        (
            "providers: {a: {type: people, issuer: \"https://a.example\", client_id: a, domains: [a.example], userinfo: maybe}}",
            "mayfly.yaml:1:106: `userinfo` is `asked` or `ignored`, not `maybe`"
        ),
        (
            "providers: {a: {type: people, issuer: \"https://a.example\", client_id: a, domains: [a.example], claims: [mayfly.login]}}",
            "mayfly.yaml:1:105: `mayfly.login` is said by this CA, not by a provider"
        ),
        (
            "providers: {a: {type: people, issuer: \"https://a.example\", client_id: a, domains: [a.example], groups: [x]}}",
            "mayfly.yaml:1:13: `groups` needs `groups_claim` or `groups_file`, and the other way round: which groups there may be, and who says who is in them"
        ),
        (
            "providers: {a: {type: people, issuer: \"https://a.example\", client_id: a, domains: [a.example], groups: [x], groups_claim: x, groups_file: y}}",
            "mayfly.yaml:1:139: groups come from `groups_claim` or from `groups_file`, not from both"
        ),
        (
            "providers: {a: {type: people, issuer: \"https://a.example\", client_id: a, domains: [a.example], refresh_grace: 5m}}",
            "mayfly.yaml:1:111: `refresh_grace` needs `refresh`: how often the provider is asked again"
        ),
        (
            "providers: {a: {type: workload, issuer: \"https://a.example\", audience: a, claims: [x], refresh: 5m}}",
            "mayfly.yaml:1:97: a provider of workloads has no `refresh`"
        ),
        (
            "providers: {a: {type: workload, issuer: \"https://a.example\", audience: a, claims: [x]}, b: {type: workload, issuer: \"https://a.example\", audience: a, claims: [x]}}",
            "mayfly.yaml:1:12: providers `a` and `b` both take tokens of one issuer for `a`"
        ),
        (
            "providers: {a: {type: workload, issuer: \"https://a.example\", audience: a, claims: [x], require: {}}}",
            "mayfly.yaml:1:97: `require` is empty; leave it out"
        ),
        (
            "providers: {a: {type: workload, issuer: \"https://a.example\", audience: a, claims: [x], require: {y: a***}}}",
            "mayfly.yaml:1:101: `a***` has three stars in a row; `*` stays between slashes, `**` does not"
        ),
        (
            "providers: {a: {type: workload, issuer: \"https://a.example\", audience: a, claims: [x], require: {mayfly.x: a}}}",
            "mayfly.yaml:1:97: `mayfly.x` is said by this CA, not by a provider"
        ),
        (
            "providers: {a: {type: people, issuer: \"https://a.example\", client_id: a, domains: [a.example], require: {x: a}}}",
            "mayfly.yaml:1:105: a provider of people has no `require`"
        ),
        (
            "providers: {a: {type: people, issuer: \"https://a.example\", domains: [a.example]}}",
            "mayfly.yaml:1:13: `client_id` of provider `a` is missing"
        ),
        (
            "providers: {a: {type: people, issuer: \"https://a.example\", client_id: a, domains: [x.example]}, b: {type: people, issuer: \"https://b.example\", client_id: a, domains: [x.example]}}",
            "mayfly.yaml:1:12: providers `a` and `b` both assert users of `x.example`"
        ),
    ])
    func `what is wrong is named with its place`(_ text: String, _ problem: String) {
        let error = #expect(throws: YAMLErrors.self) { try Configuration(parsing: Array(text.utf8), file: "mayfly.yaml") }
        #expect(error?.description == problem)
    }

    @Test(arguments: [("127.0.0.1:8443", "127.0.0.1:8443"), ("[::1]:1", "[::1]:1"), ("ca.example.com:0", "ca.example.com:0")])
    func `an address to listen on is read and written alike`(_ text: String, _ expected: String) throws {
        #expect(try #require(ListenAddress(text)).description == expected)
    }

    @Test func `what workloads must say is kept with the claims that policies ask for`() throws {
        let text = """
            providers: {a: {type: workload, issuer: "https://a.example", audience: a, claims: [x], require: {x: ["1", two], y: 3}}}
            """
        let declaration = try #require(
            try Configuration(parsing: Array(text.utf8), file: "mayfly.yaml").providers.first?.declaration)
        #expect(declaration.claims == ["x", "y"])
        #expect(declaration.workload?.requirements.map(\.name) == ["x", "y"])
    }
}
