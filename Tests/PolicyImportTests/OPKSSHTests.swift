// SPDX-License-Identifier: Apache-2.0

import Policies
import Testing

@testable import PolicyImport

/// No line of `auth_id` gives more in mayfly.
@Suite struct OPKSSHTests {
    private static let google = "https://accounts.google.com"

    private func principals(
        _ line: String, user: String = "ana@example.com", groups: Set<String> = [], claims: [String: ClaimValue] = [:],
        provider: String = "google"
    ) throws -> [String]? {
        let set = try policies(opkssh(line + " " + Self.google))
        let found = try permit(set, "opkssh-dev", provider: provider, user: user, groups: groups, claims: claims)
        guard case .ssh(let ssh)? = found?.subject else { return nil }
        return ssh.principals
    }

    @Test func `an address is a user of the provider`() throws {
        #expect(try principals("dev ana@example.com") == ["dev"])
        #expect(try principals("dev ana@example.com", user: "bo@example.com") == nil)
        #expect(try principals("dev ana@example.com", provider: "local") == nil)
    }

    @Test func `what is no address is a subject`() throws {
        #expect(try principals("dev 1234", claims: ["sub": .string("1234")]) == ["dev"])
        #expect(try principals("dev 1234", user: "1234") == nil)
    }

    @Test func `a group is a group, another claim a claim`() throws {
        #expect(try principals("dev oidc:groups:sre", groups: ["sre"]) == ["dev"])
        #expect(try principals("dev oidc:groups:sre") == nil)
        #expect(try principals(#"dev oidc:"team":sre"#, claims: ["team": .list([.string("sre")])]) == ["dev"])
        #expect(
            try principals(#"dev 'oidc:"https://x.example/t":sre'"#, claims: ["https://x.example/t": .string("sre")]) == ["dev"]
        )
        #expect(try principals("dev oidc:level:3", claims: ["level": .int(3)]) == ["dev"])
        #expect(try principals("dev oidc:staff:true", claims: ["staff": .bool(true)]) == ["dev"])
        #expect(try principals("dev oidc:staff:true", claims: ["staff": .bool(false)]) == nil)
    }

    @Test func `a domain is that domain`() throws {
        #expect(try principals("dev oidc-match-end:email:@Example.com") == ["dev"])
        #expect(try principals("dev oidc-match-end:email:@example.com", user: "ana@sub.example.com") == nil)
        #expect(try principals("dev oidc-match-end:email:@example.com", user: "ana@badexample.com") == nil)
    }

    @Test func `a star stays between slashes`() throws {
        let line = "dev repo:example/shop:ref:refs/heads/*"
        #expect(try principals(line, claims: ["sub": .string("repo:example/shop:ref:refs/heads/main")]) == ["dev"])
        #expect(try principals(line, claims: ["sub": .string("repo:example/shop:ref:refs/heads/a/b")]) == nil)
    }

    @Test(arguments: [
        "dev ana@example.com", "dev ana@example.com google", "dev 'ana@example.com https://a.example",
        "dev ana@example.com http://a.example", "dev oidc: https://a.example", "dev repo: https://a.example",
        "dev OIDC-match-end:email: https://a.example", "dev oidc:groups https://a.example",
        "dev oidc:groups:a* https://a.example",
        "dev oidc:a:b:c https://a.example", "dev oidc-match-end:email:example.com https://a.example",
        "dev *@example.com https://a.example", "dev repo:a/** https://a.example", "dev repo:a/[b] https://a.example",
        "'a b' ana@example.com https://a.example", "a@zone:b ana@example.com https://a.example",
        "dev '#' https://a.example", "dev \u{202E}@example.com https://a.example",
    ]) func `a line that cannot be said gives nothing`(_ line: String) throws {
        let imported = try opkssh(line)
        #expect(imported.files.isEmpty)
        #expect(imported.report.map(\.level) == [.dropped])
    }

    @Test func `an issuer that opkssh does not take gives nothing`() throws {
        let imported = try opkssh("dev ana@example.com https://a.example", providers: "https://b.example c 12h")
        #expect(imported.files.isEmpty)
    }

    @Test(
        arguments: [
            ("https://accounts.google.com c 24h", 86_400), ("https://accounts.google.com c 1week", 604_800),
            ("https://accounts.google.com c 24h\nhttps://accounts.google.com d 12h", 43_200),
            ("https://accounts.google.com d 12h\nhttps://accounts.google.com c 24h", 43_200),
            ("https://accounts.google.com c never\nhttps://accounts.google.com c 12h", 43_200),
            ("https://accounts.google.com c 48h\nhttps://accounts.google.com c never", 172_800),
            ("https://accounts.google.com c oidc", 120), ("https://accounts.google.com c never", 3_600), (nil, 3_600),
        ] as [(String?, Int)]) func `no lifetime is longer`(_ providers: String?, _ seconds: Int) throws
    {
        let set = try policies(opkssh("dev ana@example.com \(Self.google)", providers: providers))
        let found = try permit(set, "opkssh-dev", provider: "google", lifetime: .seconds(9_000_000))
        #expect(found?.lifetime == .seconds(seconds))
    }

    @Test func `a lifetime opkssh does not know lets nobody in, and nothing is imported`() throws {
        #expect(throws: ImportError.self) { try opkssh("dev ana@example.com \(Self.google)", providers: "\(Self.google) c 3h") }
    }

    @Test func `two issuers are two providers`() throws {
        let azure = "https://login.microsoftonline.com/"
        let set = try policies(opkssh("dev ana@example.com \(azure)a/v2.0\nroot ana@example.com \(azure)b/v2.0"))
        #expect(try permit(set, "opkssh-root", provider: "azure") == nil)
        #expect(try permit(set, "opkssh-root", provider: "azure-2") != nil)
    }

    @Test(
        arguments: [
            ("a b c", ["a", "b", "c"]), ("a  'b c' d", ["a", "b c", "d"]), (#"a "b \" c" d"#, ["a", #"b " c"#, "d"]),
            (#"a\ b"#, ["a b"]), (#"oidc:\"x\":y"#, [#"oidc:"x":y"#]), ("''", [""]), (#"a"b"'c'"#, ["abc"]), ("'a", nil),
            (#""a"#, nil), (#"a\"#, nil),
        ] as [(String, [String]?)]) func `words are split as in a shell`(_ text: String, _ words: [String]?)
    {
        #expect(OPKSSHTable.words(text) == words)
    }

    @Test func `an account on one server is one to decide on`() throws {
        let imported = try opkssh("dev ana@example.com \(Self.google)")
        #expect(imported.notes(.needsDecision).contains { $0.what.contains("one server") })
    }
}
