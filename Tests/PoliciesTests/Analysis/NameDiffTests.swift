// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Policies

/// Names compared by what they can be: every identity of a small universe, every name it gets, before and after.
@Suite struct `Names that templates make, compared` {
    private struct Place: Sendable {
        let key: String
        let names: [String]
    }

    private static let places = [
        Place(
            key: "emails",
            names: [
                "{user.name}", "{user.name}", "ana@example.com", "bo@x.example", "{user.login}@example.com", "{claims.team}",
            ]),
        Place(key: "common_name", names: ["{user.name}", "{user.login}", "kim", "ana@example.com", "{claims.team}", "x"]),
        Place(
            key: "uris",
            names: [
                "spiffe://example.com/{user.login}", "spiffe://example.com/ana", "spiffe://example.com/{claims.team}",
                "spiffe://example.com/x", "spiffe://example.com/team/{claims.team}",
            ]),
        Place(
            key: "dns",
            names: [
                "{user.login}.example.com", "web{user.login}.example.com", "*.example.com", "web*.example.com",
                "web.example.com",
                "x.example.com", "{user.name}.example.com", "kim.example.com", "www.{user.domain}", "www.x.example",
            ]),
        Place(key: "logins", names: ["{user.login}", "{user.name}", "kim", "ana", "{claims.team}", "adm-{user.login}"]),
    ]

    private static let people = [
        "{everyone: true}", "{everyone: true}", "{user: ana@example.com}", "{users: [\"*@example.com\"]}", "{user: kim}",
        "{provider: ci, claims: {team: x}}", "{provider: ci, claims: {team: [x, y]}}", "{groups: [b]}",
        "{users: [ana@example.com, bo@x.example]}",
    ]

    private static let users = [
        "ana@example.com", "bo@x.example", "z@example.com", "q@other.example", "kim", "x", "someone", nil,
    ]
    private static let logins = ["ana", "kim", "x", "web", "webx", "someone", "adm-x", "xana", nil]

    /// Who is known, who is not, who is called like a name that is written down, and who is called like no other. What the text
    /// does not speak of is the same for all.
    private static func identities(for text: String) -> [Identity] {
        let teams: [ClaimValue] =
            [.absent, .list([.string("x"), .string("y")])]
            + ["x", "y", "z", "ana", "kim", "ana@example.com", "someone"].map { .string($0) }
        func all<Value>(_ values: [Value], ifNamed word: String) -> [Value] {
            text.contains(word) ? values : Array(values.prefix(1))
        }
        return users.flatMap { user in
            all(logins, ifNamed: "{user.login}").flatMap { login in
                all(["local", "ci"], ifNamed: "ci,").flatMap { provider in
                    all(teams, ifNamed: "team").flatMap { team in
                        all([[], ["b"]], ifNamed: "[b]").map { groups in
                            Identity(
                                provider: provider, user: user, login: login, groups: .known(Set(groups)),
                                claims: .known(["team": team]), mfa: .known(false))
                        }
                    }
                }
            }
        }
    }

    /// That may be asked for of a pattern: what any template gives anybody, and one that none does.
    private static let asked: [X509Names] = {
        let values = Set((users + logins).compactMap(\.self))
        let names =
            values.flatMap { ["\($0).example.com", "web\($0).example.com"] } + ["other.example.com", "webother.example.com"]
        return Set(names).sorted().compactMap { try? X509Names(dns: [$0]) }
    }()

    private static func names(_ set: PolicySet, _ identity: Identity, _ key: String) throws -> Set<String> {
        var found: Set<String> = []
        for role in ["r0", "r1"] {
            guard key != "logins" else {
                let decision = set.answer(identity, try ssh(role))
                found.formUnion(decision.ssh?.principals ?? [])
                continue
            }
            let hasPattern = set.roles[role]?.x509?.dns.contains { $0.text.contains("*") } == true
            for wanted in [nil] + (hasPattern ? asked.map { Optional($0) } : []) {
                let request = try AuthorizationRequest(role: role, what: .x509(names: wanted))
                guard let permit = set.answer(identity, request).x509 else { continue }
                found.formUnion(permit.names.dns + permit.names.emails + permit.names.uris)
                if let name = permit.commonName { found.insert(name) }
            }
        }
        return found
    }

    private static func text(_ place: Place, _ pick: ([String]) -> String) -> String {
        func role() -> String {
            let name = pick(place.names)
            return switch place.key {
            case "logins": "{ssh: {logins: [\"\(name)\"], zones: [web]}}"
            case "common_name": "{x509: {usage: [client], common_name: \"\(name)\"}}"
            default: "{x509: {usage: [client], \(place.key): [\"\(name)\"]}}"
            }
        }
        return """
            zones: {web: {hosts: [web1.example.com]}}
            roles: {r0: \(role()), r1: \(role())}
            allow:
              - {id: a0, roles: [r0], lifetime: {max: 1h}, who: \(pick(people))}
              - {id: a1, roles: [r1], lifetime: {max: 1h}, who: \(pick(people))}

            """
    }

    @Test(arguments: Array(UInt64(0)..<200))
    func `a name is gained exactly when somebody gets it who did not`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let place = Self.places[Int(seed) % Self.places.count]
        func pick(_ choices: [String]) -> String { choices[Int.random(in: choices.indices, using: &random)] }
        let (oldText, newText) = (Self.text(place, pick), Self.text(place, pick))
        let (old, new) = (try policies(oldText), try policies(newText))
        var (gained, lost): (String?, String?)
        for identity in Self.identities(for: oldText + newText) {
            let (before, after) = (try Self.names(old, identity, place.key), try Self.names(new, identity, place.key))
            if gained == nil, let name = after.subtracting(before).min() { gained = "\(name) by \(identity)" }
            if lost == nil, let name = before.subtracting(after).min() { lost = "\(name) by \(identity)" }
        }
        let diff = new.diff(from: old)
        let text = "seed \(seed): \(diff)\n\(oldText)\(newText)"
        #expect(diff.changes.allSatisfy { $0.notComparedExactly == nil }, "\(text)")
        #expect(diff.isWidening == (gained != nil), "\(gained ?? "nothing gained")\n\(text)")
        #expect(diff.changes.contains { $0.direction == .narrows } == (lost != nil), "\(lost ?? "nothing lost")\n\(text)")
    }

    private func diff(_ old: String, _ new: String, who: String = "{everyone: true}") throws -> PolicyDiff {
        func set(_ names: String) throws -> PolicySet {
            try policies(
                "roles: {r: {x509: {usage: [client], \(names)}}}\n"
                    + "allow: [{id: a, roles: [r], lifetime: {max: 1h}, who: \(who)}]\n")
        }
        return try set(new).diff(from: set(old))
    }

    @Test func `a pattern in place of a template widens, and the example says for which name`() throws {
        let diff = try diff("dns: [\"{user.login}.lab.example.com\"]", "dns: [\"*.lab.example.com\"]")
        #expect(diff.isWidening && !diff.changes.contains { $0.direction == .narrows }, "\(diff)")
        #expect("\(diff)".contains("example: on "), "\(diff)")
    }

    @Test func `the same names written otherwise are no change`() throws {
        let ana = "{user: ana@example.com}"
        #expect(try diff("emails: [\"{user.name}\"]", "emails: [ana@example.com]", who: ana).changes == [])
        #expect(try diff("emails: [ana@example.com]", "emails: [\"{user.name}\"]", who: ana).changes == [])
        let staff = "{users: [\"*@example.com\"]}"
        #expect(try diff("dns: [\"www.{user.domain}\"]", "dns: [www.example.com]", who: staff).changes == [])
        let team = "{provider: ci, claims: {team: x}}"
        // A claim that is a list has `x` among others, and makes no name.
        let changes = try diff("common_name: x", "common_name: \"{claims.team}\"", who: team).changes
        #expect(changes.map(\.direction) == [.narrows])
    }

    @Test func `a claim in a name beside patterns that have some of these names is said to be not compared`() throws {
        let diff = try diff(
            "dns: [\"a*.example.com\"]", "dns: [\"{claims.team}.example.com\"]", who: "{provider: ci, claims: {team: \"a*\"}}")
        #expect(diff.isWidening)
        #expect("\(diff)".contains("could not be compared exactly: a claim makes the name"), "\(diff)")
    }
}
