// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestProviders
import TestSupport
import Testing

/// Sessions that go on only as long as their provider says so, with a running server.
@Suite(.timeLimit(.minutes(15)))
struct SessionRecheckTests {
    /// With a grace in which a busy machine asks twice, looks, and comes back.
    private static let corp = "groups_claim: groups, scopes: [email, offline_access], refresh: 1s, refresh_grace: 1m"

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

    /// What the log of the CA says of the end of a session, once it does.
    private func end(_ lab: ProviderLab) async throws -> String {
        let pattern = /end  corp  session [0-9a-f]+ of CN=ana@corp.example.*?: (.*)/
        var reason: Substring?
        try await eventually {
            reason = try await lab.ca.mayfly(["audit", "tail"]).checked().stdout.firstMatch(of: pattern)?.1
            return reason != nil
        }
        return String(try #require(reason))
    }

    private func isOpen(_ lab: ProviderLab, _ home: String) async throws -> Bool {
        try await lab.mayfly(["whoami"], home: home).succeeded
    }

    @Test func `a session goes on while the provider says so, with a new token each time, and nothing lies in the clear`()
        async throws
    {
        try await withSession { lab, home in
            try await eventually { renewals(lab).count >= 6 }
            #expect(try await isOpen(lab, home))
            let shown = renewals(lab).compactMap { $0.form["refresh_token"] }
            #expect(Set(shown).count == shown.count && shown.allSatisfy { $0.hasPrefix("renewal-") })
            let key = lab.ca.caDirectory + "/keys/refresh_tokens.key"
            #expect(try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int == 0o600)
            let found = try await run("grep", ["-r", "-a", "-l", "-e", "renewal-", "-e", "nor-this", lab.ca.caDirectory, home])
            #expect(found.status == 1, "\(found.stdout)")
            #expect(!lab.ca.log.contains("renewal-"))

            try await lab.mayfly(["logout"], home: home).checked()
            try await eventually { try await rows(lab, "SELECT count(*) FROM refresh_tokens") == "0" }
            // The last one may be under way.
            try await eventually { lab.fake.goodRefreshTokens == 0 }
            let count = renewals(lab).count
            try await Task.sleep(for: .seconds(3))
            #expect(renewals(lab).count == count, "with the session went its token")
        }
    }

    private func revoked(_ lab: ProviderLab) -> [String] { lab.fake.calls(to: "/revoke").compactMap { $0.form["token"] } }

    private func count(_ lab: ProviderLab, _ result: String) async throws -> Int {
        let reply = try await Caller(lab.ca).call("GET", Paths.metrics, withSession: false)
        let text = String(decoding: reply.body, as: UTF8.self)
        let pattern = try Regex(#"mayfly_token_revocations_total\{provider="corp",result="\#(result)"\} (\d+)\n"#)
        return try #require(try pattern.firstMatch(in: text)?[1].substring.flatMap { Int($0) })
    }

    /// What lies in the database, read by another program.
    private func rows(_ lab: ProviderLab, _ statement: String) async throws -> String {
        try await run("sqlite3", ["-readonly", lab.ca.caDirectory + "/state/mayfly.sqlite", statement]).checked().stdout
            .trimmingCharacters(in: .newlines)
    }

    @Test func `the provider takes the refresh token of a session that was logged out, ended or expired no longer`()
        async throws
    {
        for how in ["logout", "sessions end", "back-channel", "expiry"] {
            let settings = Self.corp + (how == "expiry" ? ", session: 40s" : "")
            try await withSession(settings) { lab, home in
                try await eventually { renewals(lab).count >= 1 }
                switch how {
                case "logout": try await lab.mayfly(["logout"], home: home).checked()
                case "sessions end":
                    let list = try await lab.mayfly(["sessions", "list", "--json"], home: home).checked().stdout
                    let serial = try #require(list.firstMatch(of: /"serial" : "([0-9a-f]+)"/)?.1)
                    try await lab.mayfly(["sessions", "end", String(serial)], home: home).checked()
                case "back-channel":
                    let claims = Claims.logout(issuer: lab.fake.issuer, audience: FakeProvider.clientID, id: "1", now: Date())
                    let reply = try await Caller(lab.ca).call(
                        "POST", Paths.backChannelLogout, body: "logout_token=\(try lab.fake.key.token(claims.json))",
                        headers: ["Content-Type: application/x-www-form-urlencoded"], withSession: false)
                    #expect(reply.status == 200 && reply.json["ended"] as? Int == 1, "\(reply.detail)")
                default: break
                }
                try await eventually { revoked(lab).count >= 1 }
                try await eventually { try await rows(lab, "SELECT count(*) FROM refresh_tokens") == "0" }
                // Also where one was being renewed at that moment.
                try await eventually { lab.fake.goodRefreshTokens == 0 }
                #expect(try await count(lab, "revoked") == 1)
                #expect(try await count(lab, "failed") == 0)
                #expect(try await !isOpen(lab, home))
                #expect(!lab.ca.log.contains("renewal-") && !lab.ca.log.contains("forgotten"), "\(lab.ca.log)")
            }
        }
    }

    @Test func `a logout waits for no provider, and what one does not revoke is forgotten here`() async throws {
        try await withSession { lab, home in
            try await eventually { renewals(lab).count >= 1 }
            lab.fake.answer("/revoke", with: .silence)
            try await lab.mayfly(["logout"], home: home).checked()
            try await eventually { !revoked(lab).isEmpty }
            // It is tried again later, and until then nobody else's session suffers.
            #expect(try await rows(lab, "SELECT count(*) FROM refresh_tokens") == "1")
            let log = try await lab.ca.mayfly(["audit", "tail"]).checked().stdout
            #expect(log.matches(of: /logout  ana@corp.example/).count == 1 && !log.contains("end  corp"), "\(log)")
        }
        try await withSession { lab, home in
            try await eventually { renewals(lab).count >= 1 }
            lab.fake.answer("/revoke", with: .json(#"{"error":"unsupported_token_type"}"#, status: 400))
            try await lab.mayfly(["logout"], home: home).checked()
            try await eventually { try await rows(lab, "SELECT count(*) FROM refresh_tokens") == "0" }
            try await eventually {
                lab.ca.log.contains("refresh tokens were forgotten that their identity provider did not revoke")
            }
            #expect(lab.ca.log.contains("it refused: `unsupported_token_type`") && !lab.ca.log.contains("renewal-"))
            #expect(try await count(lab, "failed") == 1)
            #expect(try await count(lab, "revoked") == 0)
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
            try await eventually { renewals(lab).count >= 1 }
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
        try await withSession { lab, _ in
            // As Authlib says it of a locked account, without waiting for the grace.
            lab.fake.answer("/token", with: .json(#"{"error":"invalid_request"}"#, status: 400))
            let end = try await end(lab)
            #expect(end.contains("refused to renew the login: `invalid_request`"), "\(end)")
        }
        try await withSession { lab, home in
            try await eventually { renewals(lab).count >= 2 }
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
            try await eventually { renewals(lab).count >= 1 }
            lab.fake.answer("/token", with: .json(answer, status: answer.hasPrefix(#"{"e"#) ? 401 : 503))
            let count = renewals(lab).count
            try await eventually { renewals(lab).count >= count + 2 }
            #expect(try await isOpen(lab, home))
            // It comes back in time, with the token it was last shown.
            lab.fake.answer("/token", with: nil)
            let back = renewals(lab).count
            try await eventually { renewals(lab).count >= back + 2 }
            #expect(try await isOpen(lab, home))

            lab.fake.answer("/token", with: .json(answer, status: answer.hasPrefix(#"{"e"#) ? 401 : 503))
            try await eventually { try await !isOpen(lab, home) }
            let refused = try await lab.mayfly(["whoami"], home: home).stderr
            #expect(
                refused.contains("could not be asked in time whether it may go on")
                    || refused.contains("the session was ended"), "\(refused)")
            #expect(try await end(lab).contains("could not be asked again in time"))
        }
    }

    /// The same CA, started anew with something else in its configuration.
    private func restarting(
        _ lab: ProviderLab, _ change: (String) -> String, _ body: (BackgroundProcess) async throws -> Void
    ) async throws {
        await lab.ca.stop()
        let file = lab.ca.caDirectory + "/mayfly.yaml"
        try change(try String(contentsOfFile: file, encoding: .utf8)).write(toFile: file, atomically: true, encoding: .utf8)
        let server = try await BackgroundProcess(
            "mayfly", MayflyCA.binary, ["serve", "--dir", lab.ca.caDirectory], environment: ["HOME": lab.ca.home],
            logPath: lab.ca.directory.file("again-\(UInt32.random(in: .min ... .max)).log"))
        try await serving(server) { server in
            try await server.waitUntilReady { server.log.contains("mayfly: serving ") }
            try await body(server)
        }
    }

    @Test func `tokens of a provider that was taken out are forgotten at start, and its sessions are refused`() async throws {
        let settings = "groups_claim: groups, refresh: 2s, refresh_grace: 40s"
        try await withSession(settings) { lab, home in
            #expect(try await rows(lab, "SELECT provider FROM refresh_tokens") == "corp")
            // Still there, and not asked again: the session counts until the time in its row, and nobody moves that.
            try await restarting(lab, { $0.replacing(", refresh: 2s, refresh_grace: 40s", with: "") }) { server in
                #expect(try await rows(lab, "SELECT count(*) FROM refresh_tokens") == "0")
                #expect(
                    server.log.contains("refresh tokens were forgotten whose identity providers are not asked again any more")
                        && server.log.contains("count=1"), "\(server.log)")
                let end = try await rows(lab, "SELECT vouched_until FROM sessions WHERE provider = 'corp'")
                let calls = renewals(lab).count
                try await eventually { try await !isOpen(lab, home) }
                let refused = try await lab.mayfly(["whoami"], home: home)
                #expect(refused.stderr.contains("could not be asked in time whether it may go on"), "\(refused.stderr)")
                #expect(try Date() >= Date(timeIntervalSince1970: #require(Double(end))) && renewals(lab).count == calls)
                #expect(try await rows(lab, "SELECT vouched_until FROM sessions WHERE provider = 'corp'") == end)
            }
        }
        try await withSession("groups_claim: groups, refresh: 1h") { lab, home in
            let corp = "{corp: "
            try await restarting(lab, { $0.replacing(corp, with: "{another: ") }) { server in
                #expect(try await rows(lab, "SELECT count(*) FROM refresh_tokens") == "0")
                #expect(server.log.contains("count=1"), "\(server.log)")
                let refused = try await lab.mayfly(["whoami"], home: home)
                #expect(
                    refused.status == 1
                        && refused.stderr.contains("identity provider `corp` no longer vouches for this session"),
                    "\(refused.stderr)")
            }
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
