// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictYAML
import Testing

@testable import Policies

/// Schema and parser are held together: on a file with every word of the language, and on all that is one edit away.
@Suite struct `The JSON Schema` {
    private static let complete = """
        version: 1
        zones:
          web: {hosts: ["web*.example.com", 192.0.2.1]}
        windows:
          office: {days: [mon-thu, fri], hours: ["08:00-12:00", "13:00-24:00"], dates: "2026-01-01..2026-12-31", time_zone: UTC}
          nights: {days: mon-fri, hours: "22:00-06:00", time_zone: Europe/Berlin}
        groups:
          engineers: {members: [ana@example.com], groups: [sre]}
          duty:
            rotation:
              members: [ana@example.com, bo@example.com]
              every: 1w
              starts: 2026-01-05T09:00
              time_zone: UTC
              overrides: {2026-12-24: cy@example.com, 2026-12-25: [cy@example.com, bo@example.com]}
        roles:
          shell:
            description: a shell
            ssh:
              logins: [deploy]
              zones: [web]
              principals: [ops]
              extensions: [pty]
              source_address: requester
              force_command: uptime
              verify_required: true
              end_session_at_expiry: true
              key_types: [sk-ed25519]
          fixed: {ssh: {principals: [ops], source_address: [10.0.0.0/8]}}
          host: {ssh_host: {zones: [web]}}
          names:
            x509:
              usage: [client, server]
              common_name: app
              organizations: [dev]
              dns: [app.example.com]
              ips: [192.0.2.1]
              emails: [app@example.com]
              uris: ["urn:app"]
              key_types: [ecdsa-p256]
              no_rev_avail: false
          auditor: {capabilities: [audit.read]}
        allow:
          - id: one
            who: {user: ana@example.com, groups: [engineers], provider: local, claims: {a: x, b: [1, true]}, mfa: true, authenticated_within: 15m}
            roles: [shell, fixed, host, names]
            during: office
            networks: [10.0.0.0/8]
            lifetime: {default: 30m, max: 2h}
            reason: {required: true, pattern: INC}
            ticket: {required: false, pattern: T}
            approval:
              steps: [{by: {users: [bo@example.com], groups: [leads], mfa: true}, count: 1}]
              wait: 1h
              claim_within: 1h
              grant: 4h
              total: 8h
              signed: touch
              recheck: revoke
          - id: two
            who: {users: ["*@example.com"]}
            roles: [shell]
            during: [office, nights]
            lifetime: {max: 1h}
            approval: {review: {by: {groups: [leads]}, within: 1d}}
          - id: itself
            who: {groups: [leads]}
            roles: [shell]
            lifetime: {max: 1h}
            approval: {automatic: true, grant: 2h}
          - id: three
            who: {everyone: true}
            roles: [auditor]
        deny:
          - {id: four, who: {groups: [out]}, roles: ["sh*"], during: nights, networks: [192.0.2.0/24]}
        tests:
          - it: works
            who: {provider: local, user: ana@example.com, login: ana, groups: [engineers], claims: {a: x, b: [1]}, mfa: true, authenticated_ago: 5m, network: 10.1.1.1}
            at: 2026-11-23T10:00:00Z
            asks: {role: shell, lifetime: 1h, reason: INC-1, ticket: T-1, host: web1.example.com, login: deploy, route: issue}
            expect: {allow: two, lifetime: 1h, ends: 2026-11-23T11:00:00Z, principals: [a], extensions: [pty], force_command: uptime, source_address: [10.1.1.1/32], key_types: [sk-ed25519]}
          - it: names
            who: {user: ana@example.com}
            asks: {role: names, names: [app.example.com]}
            expect: {approval: one, dns: [a], ips: [b], emails: [c], uris: [d], usage: [client], organizations: [dev], common_name: app}
          - it: is a host
            who: {user: ana@example.com}
            asks: {role: host, host: web1.example.com}
            expect: {allow: one, hosts: [web1.example.com]}
          - it: is a capability
            who: {user: ana@example.com}
            asks: {role: auditor}
            expect: {allow: three, capabilities: [audit.read]}
          - it: refuses
            who: {user: ana@example.com}
            asks: {role: shell}
            expect: {deny: four}
          - it: refuses whatever the reason
            who: {user: ana@example.com}
            asks: {role: shell}
            expect: {deny: true}
        """

    private func schema() throws -> JSONSchema {
        try JSONSchema(JSONDecoder().decode(JSONValue.self, from: Data(PolicySchema.text.utf8)))
    }

    private static func value(_ text: String) throws -> JSONValue {
        var problems = YAMLProblems()
        let node = try #require(YAMLNode.parse(Array(text.utf8), file: "p.yaml", limit: 1 << 20, &problems))
        return JSONValue(node)
    }

    private func loads(_ value: JSONValue) -> Bool { problems(value.text).isEmpty }

    @Test func `a file with every word of the language is taken by both`() throws {
        let schema = try schema()
        let value = try Self.value(Self.complete)
        #expect(problems(Self.complete) == [])
        #expect(problems(value.text) == [])
        #expect(try schema.accepts(value))
        #expect(schema.properties.subtracting(schema.met) == [])
    }

    @Test func `the schema takes every sample`() throws {
        let schema = try schema()
        let folder = repository.appending(path: "policies")
        let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        let samples = files.filter { $0.hasSuffix(".yaml") }
        #expect(samples.count >= 15)
        for sample in samples {
            let text = try String(contentsOf: folder.appending(path: sample), encoding: .utf8)
            #expect(try schema.accepts(Self.value(text)), "\(sample)")
        }
    }

    /// A step into a value.
    private enum Step {
        case key(String)
        case index(Int)
    }

    private static func paths(_ value: JSONValue) -> [[Step]] {
        switch value {
        case .array(let members):
            [[]] + members.enumerated().flatMap { index, member in paths(member).map { [.index(index)] + $0 } }
        case .object(let members): [[]] + members.flatMap { key, member in paths(member).map { [.key(key)] + $0 } }
        default: [[]]
        }
    }

    /// The value with what lies at `path` replaced; nil removes it.
    private static func editing(
        _ value: JSONValue, _ path: ArraySlice<Step>, _ edit: (JSONValue) -> JSONValue?
    ) -> JSONValue? {
        guard let step = path.first else { return edit(value) }
        switch (step, value) {
        case (.key(let key), .object(var members)):
            members[key] = members[key].flatMap { editing($0, path.dropFirst(), edit) }
            return .object(members)
        case (.index(let index), .array(var members)):
            if let edited = editing(members[index], path.dropFirst(), edit) {
                members[index] = edited
            } else {
                members.remove(at: index)
            }
            return .array(members)
        default: return value
        }
    }

    @Test func `an unknown key is refused by both, wherever it stands`() throws {
        let schema = try schema()
        let value = try Self.value(Self.complete)
        var tried = 0
        for path in Self.paths(value) {
            let edited = Self.editing(value, path[...]) { inner in
                guard case .object(var members) = inner else { return inner }
                members["zzz"] = .string("x")
                return .object(members)
            }
            guard let edited, edited != value else { continue }
            // A mapping of names takes any name; what stands under it is then wrong.
            let isOfClaims = path.contains { if case .key("claims") = $0 { true } else { false } }
            guard !isOfClaims else { continue }
            tried += 1
            #expect(!loads(edited), "\(path)")
            #expect(try !schema.accepts(edited), "\(path)")
        }
        #expect(tried > 40)
    }

    @Test func `the schema refuses nothing that the parser takes, one edit away from the whole`() throws {
        let schema = try schema()
        let value = try Self.value(Self.complete)
        let replacements: [JSONValue?] = [
            nil, .null, .bool(true), .bool(false), .number(7), .string("x"), .string(""), .array([]), .array([.string("x")]),
            .object([:]), .object(["x": .string("y")]),
        ]
        var (refusedByBoth, beyondSchema) = (0, Set<String>())
        for path in Self.paths(value) where !path.isEmpty {
            for replacement in replacements {
                guard let edited = Self.editing(value, path[...], { _ in replacement }) else { continue }
                let found = problems(edited.text)
                switch (found.isEmpty, try schema.accepts(edited)) {
                case (true, false):
                    Issue.record("the schema refuses \(path) = \(replacement?.text ?? "nothing"), the parser does not")
                case (false, false): refusedByBoth += 1
                case (false, true): beyondSchema.formUnion(found.map(Self.kind))
                case (true, true): break
                }
            }
        }
        #expect(refusedByBoth > 1_000)
        // What the parser alone refuses, and for these reasons only.
        #expect(beyondSchema.subtracting(Self.beyondSchema).sorted() == [])
        #expect(Self.beyondSchema.subtracting(beyondSchema).sorted() == [])
    }

    /// A problem without its place and its values.
    private static func kind(_ problem: String) -> String {
        let text = problem.split(separator: ": ", maxSplits: 1).last.map { String($0) } ?? problem
        return text.replacing(/; did you mean .*/, with: "").replacing(/`[^`]*`/, with: "…")
    }

    /// What names refer to, and what values say beyond their form.
    private static let beyondSchema: Set = [
        "claim … is empty",
        "no role matches …",
        "rule … asks for approval, but role … has …: what others approved must be revocable",
        "rule … gives up to 2h, but role … has …: at most 15m",
        "rule … needs …, because role … issues certificates",
        "there is no allow rule with … …",
        "there is no allow rule …",
        "there is no deny rule …",
        "there is no role …",
        "there is no time zone …; expected a name such as …, or …",
        "there is no window …",
        "there is no zone …",
        "… is 7, but … names only one user",
        "… is not an IP address",
        "… is not an IP address; a request comes from one",
        "… is not valid as a URI",
        "… is not valid as an e-mail address",
        "… needs …, because role … issues SSH host certificates",
        "… of a test is empty; leave it out",
    ]

    /// Wrong in form, not in what it refers to.
    @Test(
        arguments: [
            ("days: mon-fri", "days: monday"), ("hours: \"22:00-06:00\"", "hours: \"22-6\""), ("every: 1w", "every: 1h"),
            ("max: 2h", "max: 2 hours"), ("usage: [client, server]", "usage: [both]"), ("count: 1", "count: 0"),
            ("everyone: true", "everyone: false"), ("at: 2026-11-23T10:00:00Z", "at: 2026-11-23"),
            ("route: issue", "route: ask"), ("signed: touch", "signed: pin"),
            ("recheck: revoke", "recheck: end"),
            ("capabilities: [audit.read]", "capabilities: [audit.write]"), ("extensions: [pty]", "extensions: [tty]"),
            ("source_address: requester", "source_address: me"), ("networks: [10.0.0.0/8]", "networks: [10.0.0.0]"),
            ("expect: {deny: true}", "expect: {deny: true, allow: one}"), ("version: 1", "version: 2"),
        ])
    func `a value of the wrong form is refused by both`(right: String, wrong: String) throws {
        let text = Self.complete.replacing(right, with: wrong)
        #expect(text != Self.complete)
        #expect(problems(text) != [])
        #expect(try !schema().accepts(Self.value(text)))
    }
}
