// SPDX-License-Identifier: Apache-2.0

import Issuance
import OpenIDConnect
import Policies
import SSHCertificates
import Testing

@testable import Authentication

/// What is known of somebody who is not there: whether an approval they gave still counts rests on it.
@Suite struct PeopleDirectoryTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJeQP8r1UQGcQNLAMF/UfzeA/txdZlGJUeIcux1JLoSd"
    private static let file =
        "ana@example.org: {login: ana, groups: [leads], ssh_keys: [\"\(key)\"]}, bo@example.org: {login: bo}"
    private static let groups = "groups: {sre: [kim@example.com]}"

    /// The user file, and provider `corp` for people of example.com, whose groups are in a file where there is one.
    private func withDirectory(
        providers isConfigured: Bool = true, groups text: String? = nil,
        _ change: (inout ProviderDeclaration.People) -> Void = { _ in },
        _ body: (PeopleDirectory, UserDirectory, ProviderGroupDirectory?) async throws -> Void
    ) async throws {
        try await ProviderTransport.opened { transport in
            // Nobody asks it anything.
            let corp = try ProviderDeclaration.corp("http://127.0.0.1:9") { people in
                if text != nil { people.groupsClaim = nil }
                change(&people)
            }
            let groups = try text.map { try ProviderGroupDirectory(Self.groups($0, of: corp)) }
            let entry = ProviderDirectory.Entry(
                declaration: corp,
                provider: OpenIDProvider(
                    issuer: corp.issuer, client: .init(id: "mayfly", secret: nil),
                    connection: try transport.connection(authorities: nil)), groups: groups)
            let users = UserDirectory(try localUsers(Self.file))
            try await body(
                PeopleDirectory(users: users, providers: ProviderDirectory(isConfigured ? [entry] : [])), users, groups)
        }
    }

    private static func groups(_ text: String, of provider: ProviderDeclaration) throws -> ProviderGroups {
        try ProviderGroups(parsing: Array(text.utf8), file: "groups.yaml", of: provider)
    }

    private func identity(_ user: String?, groups: Set<String>, provider: String = "corp") -> Identity {
        Identity(provider: provider, user: user, groups: .known(groups), claims: .known([:]), mfa: .known(false))
    }

    @Test func `who is in the user file stands in its groups, with its keys, as it is now`() async throws {
        try await withDirectory { directory, users, _ in
            let key = try SSHPublicKey(authorizedKey: Self.key)
            #expect(directory.standing(provider: "local", user: "ana@example.org") == .known(groups: ["leads"], keys: [key]))
            #expect(directory.standing(provider: "local", user: "bo@example.org") == .known(groups: [], keys: []))
            users.replace(with: try localUsers("ana@example.org: {login: ana, groups: [board]}"))
            #expect(directory.standing(provider: "local", user: "ana@example.org") == .known(groups: ["board"], keys: []))
            #expect(directory.standing(provider: "local", user: "bo@example.org") == .gone)
        }
    }

    @Test func `who is in no file of ours is known at login alone, where their provider is still there`() async throws {
        try await withDirectory { directory, _, _ in
            #expect(directory.standing(provider: "corp", user: "kim@example.com") == .onlyAtLogin)
            // Also where the user file has somebody of that name: one provider does not speak for another.
            #expect(directory.standing(provider: "corp", user: "ana@example.org") == .onlyAtLogin)
            for provider in ["other", "", "Corp"] {
                #expect(directory.standing(provider: provider, user: "kim@example.com") == .gone)
            }
        }
        try await withDirectory(providers: false) { directory, _, _ in
            #expect(directory.standing(provider: "corp", user: "kim@example.com") == .gone)
        }
    }

    @Test func `all of the user file are listed, without what only a login can say`() async throws {
        try await withDirectory { directory, users, _ in
            let people = directory.people.sorted { ($0.user ?? "") < ($1.user ?? "") }
            #expect(people.map(\.user) == ["ana@example.org", "bo@example.org"])
            #expect(people.map(\.groups) == [.known(["leads"]), .known([])])
            #expect(people.allSatisfy { $0.provider == "local" && $0.mfa == .known(false) && $0.authenticatedAt == .unknown })
            users.replace(with: try localUsers("bo@example.org: {login: bo}"))
            #expect(directory.people.map(\.user) == ["bo@example.org"])
        }
    }

    @Test func `who was of the user file and is gone is nobody`() async throws {
        try await withDirectory { directory, users, _ in
            let ana = identity("ana@example.org", groups: ["leads"], provider: "local")
            #expect(directory.current(ana) == ana)
            #expect(directory.current(identity(nil, groups: [], provider: "local")) == nil)
            users.replace(with: try localUsers("bo@example.org: {login: bo}"))
            #expect(directory.current(ana) == nil)
        }
    }

    @Test func `what a provider said counts while it may still say it`() async throws {
        try await withDirectory { directory, _, _ in
            let kim = identity("kim@example.com", groups: ["sre"])
            #expect(directory.current(kim) == kim)
            // A domain or a group that was taken from it since.
            #expect(directory.current(identity("kim@elsewhere.example", groups: ["sre"])) == nil)
            #expect(directory.current(identity("kim@example.com", groups: ["board"])) == nil)
            #expect(directory.current(identity("kim@example.com", groups: ["sre"], provider: "other")) == nil)
        }
        try await withDirectory(providers: false) { directory, _, _ in
            #expect(directory.current(identity("kim@example.com", groups: ["sre"])) == nil)
        }
    }

    @Test func `where groups come from a file they are those of the file, whatever the login said`() async throws {
        try await withDirectory(groups: Self.groups) { directory, _, groups in
            #expect(directory.current(identity("kim@example.com", groups: []))?.groups == .known(["sre"]))
            #expect(directory.current(identity("lou@example.com", groups: ["sre"]))?.groups == .known([]))
            let corp = try ProviderDeclaration.corp("http://127.0.0.1:9")
            try #require(groups).replace(with: try Self.groups("groups: {}", of: corp))
            #expect(directory.current(identity("kim@example.com", groups: ["sre"]))?.groups == .known([]))
        }
    }
}
