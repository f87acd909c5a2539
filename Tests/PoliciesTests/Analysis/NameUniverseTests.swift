// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Policies

/// `who-can x509` where names are made of who asks: every identity of a small universe, every name, every rule.
@Suite struct `Names and those who get them` {
    private static let roles = [
        "emails: [\"{user.name}\"]", "emails: [\"{user.login}@example.com\"]", "common_name: \"{user.name}\"",
        "common_name: \"{claims.team}\"", "common_name: app, organizations: [x]",
        "common_name: app, organizations: [\"{claims.team}\"]", "common_name: app, organizations: [\"{user.login}:y\"]",
        "uris: [\"spiffe://example.com/{user.login}\"]",
        "uris: [\"spiffe://example.com/team/{claims.team}\"]", "dns: [\"{user.login}.lab.example.com\"]",
        "dns: [\"www.{user.domain}\"]", "dns: [\"*.lab.example.com\"]", "dns: [a.example.com]", "ips: [\"192.0.2.1\"]",
    ]
    private static let people = [
        "{everyone: true}", "{user: ana@example.com}", "{users: [\"*@example.com\"]}", "{user: kim}", "{provider: local}",
        "{provider: ci, claims: {team: x}}", "{provider: ci, claims: {team: [x, y]}}", "{provider: ci, claims: {team: \"*\"}}",
        "{groups: [b]}", "{users: [ana@example.com, bo@x.example], groups: [b]}",
    ]
    private static let names = [
        "ana@example.com", "bo@x.example", "z@example.com", "kim", "x", "y", "spiffe://example.com/ana",
        "spiffe://example.com/team/x", "spiffe://example.com/team/z", "spiffe://example.com/a/b", "ana.lab.example.com",
        "z.lab.example.com", "a.z.lab.example.com", "www.example.com", "www.x.example", "www.com", "a.example.com",
        "192.0.2.1", "192.0.2.2", "app", "ana:y", "z:y",
    ]

    /// Everybody whom rules tell apart, and of what the role makes names everything that is asked about.
    private static func identities(of role: String) -> [Identity] {
        let users = ["ana@example.com", "bo@x.example", "z@example.com", "q@com", "kim", nil]
        let teams: [ClaimValue] = [.absent, .list([.string("x"), .string("y")])] + ["x", "y", "z"].map { .string($0) }
        let isOfUser = role.contains("{user.name}")
        let isOfTeam = role.contains("{claims.team}")
        let named = Self.names.map { Optional($0) }
        let said: [Known<Set<String>>] = [.unknown, .known([]), .known(["b"])]
        var claims: [Known<[String: ClaimValue]>] = [.unknown, .known([:])]
        claims += (teams + (isOfTeam ? Self.names.map { .string($0) } : [])).map { .known(["team": $0]) }
        var all: [Identity] = []
        for user in users + (isOfUser ? named : []) {
            for login in role.contains("{user.login}") ? ["ana", "z", nil] : ["ana"] {
                for provider in ["local", "ci"] {
                    for claims in claims {
                        for groups in said {
                            all.append(
                                Identity(
                                    provider: provider, user: user, login: login, groups: groups, claims: claims,
                                    mfa: .known(false)))
                        }
                    }
                }
            }
        }
        return all
    }

    /// Every name that anybody gets by the rule: exact names without asking for them, and those that match a pattern when asked for.
    private func names(of set: PolicySet, by rule: String, _ people: [Identity], hasPattern: Bool) throws -> Set<String> {
        var asked: [X509Names?] = [nil]
        if hasPattern { asked += Self.names.compactMap { try? X509Names(sorting: [$0]) } }
        var found: Set<String> = []
        for names in asked {
            let request = try AuthorizationRequest(role: "r", what: .x509(names: names), rule: rule)
            for identity in people {
                guard case .x509(let permit)? = set.answer(identity, request).permit?.subject else { continue }
                found.formUnion(
                    permit.names.dns + permit.names.emails + permit.names.uris + permit.names.ips.map(\.description))
                found.formUnion(permit.organizations + [permit.commonName].compactMap(\.self))
                if hasPattern { break }
            }
        }
        return found
    }

    @Test(arguments: Array(UInt64(1)...45))
    func `a way to a name is listed exactly when somebody gets it`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        func pick(_ choices: [String]) -> String { choices[Int.random(in: choices.indices, using: &random)] }
        let role = pick(Self.roles)
        let denies = Int.random(in: 0...1, using: &random)
        let text = """
            roles: {r: {x509: {usage: [client], \(role)}}}
            allow:
              - {id: r0, roles: [r], lifetime: {max: 1h}, who: \(pick(Self.people))}
              - {id: r1, roles: [r], lifetime: {max: 1h}, who: \(pick(Self.people))}

            """ + (denies > 0 ? "deny:\n  - {id: d, roles: [r], who: \(pick(Self.people))}\n" : "")
        let set = try policies(text)
        let ways = Self.names.map { name in (name, Set(set.ways(to: .x509(name)).map(\.rule))) }
        let people = Self.identities(of: role)
        for rule in ["r0", "r1"] {
            let given = try names(of: set, by: rule, people, hasPattern: role.contains("*"))
            for (name, rules) in ways {
                #expect(rules.contains(rule) == given.contains(name), "seed \(seed): \(name) by \(rule)\n\(text)")
            }
        }
    }
}
