// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Foundation
import OpenIDConnect
import Policies
import StrictYAML
import TestProviders
import Testing

@testable import Authentication

extension ProviderDeclaration {
    /// `corp`: people of example.com.
    static func corp(_ issuer: String, _ change: (inout People) -> Void = { _ in }) throws -> ProviderDeclaration {
        var people = People(clientID: FakeProvider.clientID, domains: ["example.com"])
        people.groups = ["sre", "team-*"].compactMap(GroupPattern.init)
        people.groupsClaim = "groups"
        people.allowsDeviceFlow = true
        change(&people)
        return ProviderDeclaration(name: "corp", issuer: try ProviderURL(issuer: issuer), kind: .people(people))
    }

    /// `ci`: workloads.
    static func ci(
        _ issuer: String, claims: [String] = ["repository", "ref"], requirements: [ClaimRequirement] = []
    ) throws -> ProviderDeclaration {
        var workload = Workload(audience: "https://ca.example.com")
        workload.requirements = requirements
        var declaration = ProviderDeclaration(
            name: "ci", issuer: try ProviderURL(issuer: issuer), kind: .workload(workload))
        declaration.claims = claims
        return declaration
    }
}

/// Logins with a fake provider, which is `corp` and `ci` at once.
func withLogin(
    _ change: (inout ProviderDeclaration.People) -> Void = { _ in }, claims: [String] = ["repository", "ref"],
    requirements: [ClaimRequirement] = [], users: LocalUsers? = nil, groups: String? = nil,
    _ body: (FakeProvider, ProviderLogin) async throws -> Void
) async throws {
    let fake = try await FakeProvider()
    try await ProviderTransport.opened { transport in
        let entries = try [
            ProviderDeclaration.corp(fake.issuer, change), .ci(fake.issuer, claims: claims, requirements: requirements),
        ].map { declaration in
            ProviderDirectory.Entry(
                declaration: declaration,
                provider: OpenIDProvider(
                    issuer: declaration.issuer, client: .init(id: FakeProvider.clientID, secret: FakeProvider.clientSecret),
                    connection: try transport.connection(authorities: nil)),
                groups: try declaration.people == nil
                    ? nil
                    : groups.map { text in
                        ProviderGroupDirectory(
                            try ProviderGroups(parsing: Array(text.utf8), file: "groups.yaml", of: declaration))
                    })
        }
        let none = try localUsers("local: {login: local}")
        try await body(fake, ProviderLogin(providers: ProviderDirectory(entries), users: UserDirectory(users ?? none)))
    }
}

/// - Parameter users: the members of `users`, in YAML's flow style.
func localUsers(_ users: String) throws -> LocalUsers {
    try LocalUsers(parsing: Array("users: {\(users)}".utf8), file: "users.yaml")
}

/// - Parameter text: the members of `require`, in YAML's flow style.
func requirements(_ text: String) throws -> [ClaimRequirement] {
    var reader = RequirementsReader()
    let root = try #require(YAMLNode.parse(Array("{\(text)}".utf8), file: "x", limit: 1000, &reader.problems))
    let found = reader.claimRequirements(root, "`require`")
    #expect(reader.problems.isEmpty)
    return found
}

private struct RequirementsReader: YAMLReading {
    var problems = YAMLProblems()
}

let loginTime = Date(timeIntervalSince1970: 1_795_000_000.5)

extension FakeProvider {
    func ana() -> Claims {
        Claims(issuer: issuer, audience: Self.clientID, now: loginTime).with("email", "ana@example.com")
            .with("email_verified", json: "true").with("groups", json: #"["sre","team-web","everyone"]"#)
    }

    func job() -> Claims {
        Claims(issuer: issuer, audience: "https://ca.example.com", now: loginTime).with("repository", "example/shop")
            .with("ref", "refs/heads/main")
    }
}

extension ProviderLogin {
    /// A login by code from its beginning to its end.
    func inBrowser(_ fake: FakeProvider, _ claims: Claims) async throws -> Proven {
        let begun = try await begin(provider: "corp", port: 41873, sessionKeyDigest: "mine", now: loginTime)
        let code = FakeProvider.query(try fake.approve(begun.url, claims))["code"] ?? ""
        return try await complete(code, state: begun.state)
    }

    func complete(
        _ code: String, state: String, port: Int = 41873, key: String = "mine", at time: Date = loginTime
    ) async throws -> Proven {
        try await complete(
            provider: "corp", state: state, code: code, responseIssuer: nil, port: port, sessionKeyDigest: key,
            address: "10.0.0.7", now: time)
    }

    func workload(_ token: String) async throws -> Proven {
        try await workload(provider: "ci", token: token, address: nil, now: loginTime)
    }
}
