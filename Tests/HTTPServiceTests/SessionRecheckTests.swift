// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestProviders
import TestSupport
import Testing

/// Sessions that go on only as long as their provider says so, with a running server.
@Suite(.timeLimit(.minutes(5)))
struct SessionRecheckTests {
    private static let corp = "groups_claim: groups, scopes: [email, offline_access], refresh: 1s, refresh_grace: 4s"

    private func withSession(
        _ settings: String = SessionRecheckTests.corp, renewed: (ProviderLab) -> Claims? = { $0.ana() },
        _ body: (ProviderLab, _ home: String) async throws -> Void
    ) async throws {
        try await ProviderLab.open(settings) { lab in
            let home = try lab.home("ana")
            lab.fake.approve(everybodyAs: lab.ana())
            if let claims = renewed(lab) { lab.fake.renew(as: claims) } else { lab.fake.giveNoRefreshTokens() }
            let login = try await lab.logIn(["--provider", "corp"], home: home, ["BROWSER": try lab.browser()])
            #expect(login.succeeded, "\(login.stderr)")
            try await body(lab, home)
        }
    }

    private func renewals(_ lab: ProviderLab) -> [FakeProvider.Call] {
        lab.fake.calls(to: "/token").filter { $0.form["grant_type"] == "refresh_token" }
    }

    private func until(_ isSo: () async throws -> Bool) async throws {
        while try await !isSo() { try await Task.sleep(for: .milliseconds(100)) }
    }

    /// What the log of the CA says of the end of a session, once it does.
    private func end(_ lab: ProviderLab) async throws -> String {
        let pattern = /end  corp  session [0-9a-f]+ of CN=ana@corp.example.*?: (.*)/
        while true {
            let log = try await lab.ca.mayfly(["audit", "tail"]).checked().stdout
            if let reason = log.firstMatch(of: pattern)?.1 { return String(reason) }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func isOpen(_ lab: ProviderLab, _ home: String) async throws -> Bool {
        try await lab.mayfly(["whoami"], home: home).succeeded
    }

    @Test func `a session goes on while the provider says so, with a new token each time, and nothing lies in the clear`()
        async throws
    {
        try await withSession { lab, home in
            try await until { renewals(lab).count >= 6 }
            #expect(try await isOpen(lab, home))
            let shown = renewals(lab).compactMap { $0.form["refresh_token"] }
            #expect(Set(shown).count == shown.count && shown.allSatisfy { $0.hasPrefix("renewal-") })
            let key = lab.ca.caDirectory + "/keys/refresh_tokens.key"
            #expect(try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int == 0o600)
            let found = try await run("grep", ["-r", "-a", "-l", "-e", "renewal-", "-e", "nor-this", lab.ca.caDirectory, home])
            #expect(found.status == 1, "\(found.stdout)")
            #expect(!lab.ca.log.contains("renewal-"))

            try await lab.mayfly(["logout"], home: home).checked()
            // The last one may be under way.
            try await Task.sleep(for: .seconds(2))
            let count = renewals(lab).count
            try await Task.sleep(for: .seconds(3))
            #expect(renewals(lab).count == count, "with the session went its token")
        }
    }

    @Test(arguments: [
        ("groups", #"["admins"]"#, "the identity provider says other groups"),
        ("email", #""bo@corp.example""#, "the identity provider says other user names"),
        ("email_verified", "false", "no longer taken at its word: it does not say that your e-mail address was verified"),
        ("sub", #""somebody-else""#, "the identity provider's new token is refused"),
        ("aud", #""another-client""#, "the identity provider's new token is refused"),
    ])
    func `a session ends when the provider says otherwise`(_ claim: String, _ json: String, _ reason: String) async throws {
        try await withSession { lab, home in
            try await until { renewals(lab).count >= 1 }
            #expect(try await isOpen(lab, home))
            lab.fake.renew(as: lab.ana().with(claim, json: json))
            let end = try await end(lab)
            #expect(end.contains(reason), "\(end)")
            let refused = try await lab.mayfly(["whoami"], home: home)
            #expect(refused.status == 1 && refused.stderr.contains("the session was ended"), "\(refused.stderr)")
        }
    }

    @Test func `a session ends when the person is gone, and when its token was stolen`() async throws {
        try await withSession { lab, home in
            lab.fake.renew(as: nil)
            let end = try await end(lab)
            #expect(end.contains("refused to renew the login: `invalid_grant`"), "\(end)")
            #expect(try await !isOpen(lab, home))
        }
        try await withSession { lab, home in
            try await until { renewals(lab).count >= 2 }
            // A thief shows an old one: the provider takes none of the family any more.
            let stolen = try #require(renewals(lab).first?.form["refresh_token"])
            try await run(
                "curl",
                ["-q", "--silent", "--noproxy", "*", "-u", "mayfly:s3cr%3Aet%2F%20%2B%25", "-d", "grant_type=refresh_token"]
                    + ["-d", "refresh_token=" + stolen, lab.fake.issuer + "/token"]
            ).checked()
            #expect(try await end(lab).contains("`invalid_grant`"))
            #expect(try await !isOpen(lab, home))
        }
    }

    @Test(arguments: [#"{"error":"invalid_client"}"#, "{}", "not json"])
    func `a provider that does not answer has a while, and then the session is over`(_ answer: String) async throws {
        try await withSession { lab, home in
            try await until { renewals(lab).count >= 1 }
            lab.fake.answer("/token", with: .json(answer, status: answer.hasPrefix(#"{"e"#) ? 401 : 503))
            let count = renewals(lab).count
            try await until { renewals(lab).count >= count + 2 }
            #expect(try await isOpen(lab, home))
            // It comes back in time, with the token it was last shown.
            lab.fake.answer("/token", with: nil)
            let back = renewals(lab).count
            try await until { renewals(lab).count >= back + 2 }
            #expect(try await isOpen(lab, home))

            lab.fake.answer("/token", with: .json(answer, status: answer.hasPrefix(#"{"e"#) ? 401 : 503))
            try await until { try await !isOpen(lab, home) }
            let refused = try await lab.mayfly(["whoami"], home: home).stderr
            #expect(
                refused.contains("could not be asked in time whether it may go on")
                    || refused.contains("the session was ended"), "\(refused)")
            #expect(try await end(lab).contains("could not be asked again in time"))
        }
    }

    @Test func `without a refresh token a session lasts as long as what was said at login is fresh`() async throws {
        try await withSession("groups_claim: groups, refresh: 2m", renewed: { _ in nil }) { lab, home in
            let text = try await lab.mayfly(["whoami", "--json"], home: home).checked().stdout
            let end = try #require(text.firstMatch(of: /"session_expires_at" *: *"([^"]+)"/)?.1)
            let left = try Date(String(end), strategy: .iso8601).timeIntervalSinceNow
            #expect((60...121).contains(left), "\(text)")
        }
    }
}
