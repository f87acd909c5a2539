// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Authentication

/// No name can come from two places.
@Suite struct ProviderOverlapTests {
    private func provider(_ name: String, domains: [String], groups: [String] = [], login: String? = nil) throws
        -> ProviderDeclaration
    {
        var declaration = try ProviderDeclaration.corp("https://\(name).example") {
            $0.domains = domains
            $0.groups = groups.compactMap(GroupPattern.init)
            $0.loginClaim = login
        }
        declaration.name = name
        return declaration
    }

    @Test func `providers that share nothing are taken`() throws {
        let providers = [
            try provider("a", domains: ["a.example"], groups: ["sre", "team-*"], login: "name"),
            try provider("b", domains: ["b.example"], groups: ["sre2", "team"]), try .ci("https://a.example"),
        ]
        #expect(ProviderOverlap.among(providers).isEmpty)
    }

    @Test(arguments: [
        ("sre", "sre", true), ("sre", "sr", false), ("team-*", "team-web", true), ("team-web", "team-*", true),
        ("team-*", "team", false),
        ("team-*", "team-w*", true), ("a*", "b*", false), ("*", "x", true),
    ])
    func `groups that both may assert are found`(_ first: String, _ second: String, _ overlaps: Bool) throws {
        let found = ProviderOverlap.among([
            try provider("a", domains: ["a.example"], groups: [first]),
            try provider("b", domains: ["b.example"], groups: [second]),
        ])
        #expect(found == (overlaps ? [.groups(first, "a", second, "b")] : []))
    }

    @Test func `domains and logins that both may assert are found`() throws {
        let found = ProviderOverlap.among([
            try provider("a", domains: ["x.example", "a.example"], login: "n"),
            try provider("b", domains: ["x.example"], login: "m"),
        ])
        #expect(found == [.domain("x.example", "a", "b"), .logins("a", "b")])
    }

    @Test func `a token is for one provider alone`() throws {
        func workload(_ name: String, _ issuer: String, _ audience: String) throws -> ProviderDeclaration {
            var declaration = try ProviderDeclaration.ci(issuer)
            declaration.name = name
            declaration.kind = .workload(.init(audience: audience))
            return declaration
        }
        var people = try ProviderDeclaration.corp("https://a.example") { $0.clientID = "x" }
        #expect(
            ProviderOverlap.among([
                people, try workload("b", "https://a.example", "y"), try workload("c", "https://b.example", "y"),
                try workload("d", "https://b.example", "x"),
            ]).isEmpty)
        #expect(
            ProviderOverlap.among([
                try workload("b", "https://a.example", "y"), people, try workload("c", "https://a.example", "y"),
                try workload("d", "https://a.example", "x"),
            ]) == [.audience("y", "b", "c"), .audience("x", "corp", "d")])
        // Of a logout nobody could say which of both it is for.
        people.kind = .people(.init(clientID: "x", domains: ["other.example"]))
        people.name = "other"
        #expect(
            ProviderOverlap.among([people, try .corp("https://a.example") { $0.clientID = "x" }])
                == [.audience("x", "other", "corp")])
    }

    @Test func `users and groups of the user file are found`() throws {
        let users = try localUsers(
            "Ana@A.example: {groups: [sre]}, root: {groups: [team-web, admins]}, bo@sub.a.example: {login: bo}")
        let found = ProviderOverlap.of([try provider("a", domains: ["a.example"], groups: ["sre", "team-*"])], with: users)
        #expect(
            Set(found) == [
                .localUser("Ana@A.example", provider: "a"), .localGroup("sre", user: "Ana@A.example", provider: "a"),
                .localGroup("team-web", user: "root", provider: "a"),
            ])
    }

    @Test(arguments: ["a*b", "**", "*a"])
    func `a star stands only at the end`(_ text: String) { #expect(GroupPattern(text) == nil) }
}
