// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestProviders
import TestSupport
import Testing

/// `mayfly login` and `mayfly serve` with an identity provider between them.
@Suite(.timeLimit(.minutes(10)))
struct ProviderLoginTests {
    private func withLab(deviceFlow: String = "allowed", _ body: (ProviderLab) async throws -> Void) async throws {
        try await ProviderLab.open("groups_claim: groups, device_flow: \(deviceFlow)", body)
    }

    @Test func `a person logs in in the browser and works with the groups of their provider`() async throws {
        try await withLab { lab in
            let home = try lab.home("ana")
            lab.fake.approve(everybodyAs: lab.ana())
            let browser = ["BROWSER": try lab.browser()]
            let login = try await lab.logIn(["--provider", "corp"], home: home, browser)
            #expect(login.stdout.contains("as ana@corp.example until"), "\(login.stderr)")
            let whoami = try await lab.mayfly(["whoami"], home: home).checked().stdout
            #expect(whoami.contains("sre") && whoami.contains("corp") && !whoami.contains("admins"), "\(whoami)")

            try await MayflyCA.makeKey(lab.ca.directory.file("key"))
            let key = lab.ca.directory.file("key.pub")
            for role in ["shell", "prod-shell"] {
                try await lab.mayfly(["issue", "ssh", "--role", role, "--public-key", key], home: home).checked()
            }
            #expect(try await lab.mayfly(["certificates"], home: home).checked().stdout.contains("shell"))
            #expect(try await lab.mayfly(["policy", "reload"], home: home).status == 2)
            // Nothing of the provider's is kept here.
            let kept = try await run("grep", ["-r", "-l", "-e", "not-for-you", "-e", "nor-this", "-e", "eyJ", home])
            #expect(kept.status == 1, "\(kept.stdout)")
            #expect(!lab.ca.log.contains("eyJ") && !lab.ca.log.contains(FakeProvider.clientSecret))

            // The next time without a word about how.
            let list = ["BROWSER": "no-such-browser:\(try lab.browser()) %s"]
            let again = try await lab.mayfly(["login"], home: home, list)
            #expect(again.stdout.contains("as ana@corp.example until"), "\(again.stderr)")
            try await lab.mayfly(["logout"], home: home).checked()
            #expect(try await lab.mayfly(["whoami"], home: home).status == 1)
        }
    }

    @Test func `a login that somebody else began is completed neither by a click nor in the place of one's own`() async throws {
        // The one port that browsers come back to, so that an attacker knows it.
        let port = try Loopback.freePort()
        try await ProviderLab.open("groups_claim: groups, redirect_port: \(port)") { lab in
            func begin() async throws -> (url: String, state: String) {
                let reply = try await Caller(lab.ca).post(
                    Paths.loginAuthorizations,
                    ["provider": "corp", "session_key_digest": String(repeating: "A", count: 43), "port": port])
                return (
                    try #require(reply.json["authorization_url"] as? String), try #require(reply.json["state"] as? String)
                )
            }
            // A link to click, on which ana says yes, and one on which eve has done so as herself.
            let link = try await begin().url
            let eve = lab.ana().with("email", "eve@corp.example").with("sub", "eve")
            let planted = try lab.fake.approve(try await begin().url, eve)
            lab.fake.approve(everybodyAs: lab.ana())
            let follow = "curl -q --silent --noproxy '*' --location --max-time 20"
            // Nobody waits on ana's machine: the click ends there, and with it the code.
            let click = try await run("curl", ["-q", "--silent", "--noproxy", "*", "--location", "--max-time", "20", link])
            #expect(click.status == 7, "\(click)")
            // Now she logs in herself, and both come before her own.
            let answers = lab.ca.directory.file("answers")
            let browser = try lab.ca.directory.write(
                """
                #!/bin/sh
                \(follow) '\(planted)' >>'\(answers)'
                \(follow) '\(link)' >>'\(answers)'
                \(follow) "$1" >>'\(answers)'

                """, to: "browser", mode: 0o755)
            let login = try await lab.logIn(["--provider", "corp"], home: try lab.home("ana"), ["BROWSER": browser])
            #expect(login.stdout.contains("as ana@corp.example until"), "\(login.stderr)")
            let lines = try lab.ca.directory.text(of: "answers").split(separator: "\n")
            #expect(
                lines == [
                    "This is not the login that `mayfly login` waits for.",
                    "This is not the login that `mayfly login` waits for.",
                    "You can close this window and go back to your terminal.",
                ])
            // Of three codes the provider was shown one.
            #expect(lab.fake.calls(to: "/token").count == 1)
            #expect(
                try await lab.ca.mayfly(["audit", "tail"]).checked().stdout.ranges(of: "@corp.example  session").count == 1)
        }
    }

    @Test func `a login that its provider ends is over at once, on record, and no other is`() async throws {
        try await withLab { lab in
            let browser = ["BROWSER": try lab.browser()]
            var homes: [String] = []
            for session in ["s1", "s2", "s3"] {
                let home = try lab.home(session)
                lab.fake.approve(everybodyAs: lab.ana().with("sid", session))
                try await lab.logIn(["--provider", "corp"], home: home, browser).checked()
                homes.append(home)
            }
            func isOpen(_ number: Int) async throws -> Bool {
                try await lab.mayfly(["whoami"], home: homes[number]).status == 0
            }
            func logout(_ id: String, _ change: (Claims) -> Claims, key: ProviderKey? = nil) async throws -> Caller.Reply {
                let claims = Claims.logout(issuer: lab.fake.issuer, audience: FakeProvider.clientID, id: id, now: Date())
                let token = try (key ?? lab.fake.key).token(change(claims).json)
                return try await Caller(lab.ca).call(
                    "POST", Paths.backChannelLogout, body: "other=1&logout_token=\(token)",
                    headers: ["Content-Type: application/x-www-form-urlencoded"], withSession: false)
            }
            let forged = try await logout("1", { $0.with("sid", "s1") }, key: .p256())
            #expect(forged.status == 400 && forged.detail.contains("signature does not verify"), "\(forged.detail)")
            let stranger = { (claims: Claims) in claims.with("sub", "somebody else").with("sid", "s1") }
            let nobody = try await logout("0", stranger)
            #expect(nobody.status == 200 && nobody.json["ended"] as? Int == 0, "\(nobody.detail)")
            #expect(try await isOpen(0))
            let nobodyAgain = try await logout("0", stranger)
            #expect(nobodyAgain.status == 400 && nobodyAgain.detail.contains("used already"), "\(nobodyAgain.detail)")

            let first = try await logout("1", { $0.with("sid", "s1") })
            #expect(first.status == 200 && first.json["ended"] as? Int == 1, "\(first.detail)")
            #expect(first.header("cache-control") == "no-store")
            let ended = try await lab.mayfly(["whoami"], home: homes[0])
            #expect(ended.status == 1 && ended.stderr.contains("the session was ended"), "\(ended.stderr)")
            #expect(try await isOpen(1))
            // Without a session it names the person; the token of before is used up.
            let replayed = try await logout("1", { $0 })
            #expect(replayed.status == 400 && replayed.detail.contains("used already"), "\(replayed.detail)")
            #expect(try await isOpen(1))
            let rest = try await logout("2", { $0 })
            #expect(rest.status == 200 && rest.json["ended"] as? Int == 2, "\(rest.detail)")
            #expect(try await !isOpen(1))
            #expect(try await !isOpen(2))
            let log = try await lab.ca.mayfly(["audit", "tail"]).checked().stdout
            #expect(
                log.matches(of: /end  corp  session [0-9a-f]+ of CN=ana@corp.example.*: the identity provider ended/).count == 3
            )
            #expect(try await lab.ca.mayfly(["audit", "verify"]).succeeded)
        }
    }

    @Test func `a provider may end any number of logins at once, and who forges one may not try for ever`() async throws {
        try await withLab { lab in
            let home = try lab.home("ana")
            lab.fake.approve(everybodyAs: lab.ana().with("sid", "s49"))
            try await lab.logIn(["--provider", "corp"], home: home, ["BROWSER": try lab.browser()]).checked()
            func logouts(_ ids: Range<Int>, key: ProviderKey) throws -> [String] {
                try ids.map { id in
                    let claims = Claims.logout(
                        issuer: lab.fake.issuer, audience: FakeProvider.clientID, id: "\(id)", now: Date())
                    return "logout_token=" + (try key.token(claims.with("sid", "s\(id)").json))
                }
            }
            let caller = Caller(lab.ca)
            let ended = try await caller.statuses(
                "POST", Paths.backChannelLogout, bodies: try logouts(0..<50, key: lab.fake.key))
            #expect(ended == Array(repeating: 200, count: 50))
            #expect(try await lab.mayfly(["whoami"], home: home).status == 1)
            let forged = try await caller.statuses(
                "POST", Paths.backChannelLogout, bodies: try logouts(50..<150, key: .p256()))
            #expect(Set(forged) == [400, 429])
        }
    }

    /// The second has a display, and a program that opens addresses there, at the other end of an SSH connection.
    @Test(arguments: [[:], ["SSH_CONNECTION": "192.0.2.7 50000 192.0.2.1 22", "DISPLAY": "localhost:10.0"]])
    func `a person without a browser approves on another device, where that is allowed`(
        _ environment: [String: String]
    ) async throws {
        try await withLab { lab in
            let home = try lab.home("ana")
            try lab.ca.directory.makeDirectory("programs")
            try lab.ca.directory.write("#!/bin/sh\ntouch \"$0.ran\"\n", to: "programs/xdg-open", mode: 0o755)
            let path = lab.ca.directory.file("programs") + ":/usr/bin:/bin"
            let environment = environment.merging(["PATH": path]) { $1 }
            let login = try await withThrowingTaskGroup(of: ProcessResult?.self) { group in
                group.addTask { try await lab.logIn(["--provider", "corp"], home: home, environment) }
                group.addTask {
                    // Not before they have been asked to wait.
                    try await eventually { !lab.fake.calls(to: "/token").isEmpty }
                    try lab.fake.approveDevices(lab.ana())
                    return nil
                }
                return try await group.reduce(nil) { $0 ?? $1 }
            }
            #expect(login?.stdout.contains("as ana@corp.example until") == true, "\(login?.stderr ?? "")")
            #expect(login?.stderr.contains("type the code WDJB-MJHT") == true)
            #expect(login?.stderr.contains("waits for you") == false, "there is no terminal")
            #expect(lab.fake.calls(to: "/token").count >= 2)
            #expect(!FileManager.default.fileExists(atPath: lab.ca.directory.file("programs/xdg-open.ran")))

            // Whoever approved it may have been somebody else, which is what the policy has a rule for.
            try await MayflyCA.makeKey(lab.ca.directory.file("key"))
            func issue(_ role: String) async throws -> ProcessResult {
                let key = lab.ca.directory.file("key.pub")
                return try await lab.mayfly(["issue", "ssh", "--role", role, "--public-key", key], home: home)
            }
            #expect(try await issue("shell").succeeded)
            let refused = try await issue("prod-shell")
            #expect(refused.status == 2 && refused.stderr.contains("no-production-by-device"), "\(refused.stderr)")
            // On record is where the session was begun and is used, which need not be where it was approved.
            let log = try await lab.ca.mayfly(["audit", "tail", "--json"]).checked().stdout
            let logins = log.split(separator: "\n").filter { $0.contains("ana@corp.example") && $0.contains("login.allowed") }
            #expect(logins.count == 1 && logins[0].contains("127.0.0.1"), "\(log)")
        }
    }

    @Test func `on a terminal a line says how long the login waits for them`() async throws {
        try await withLab { lab in
            let home = try lab.home("ana")
            let words = [MayflyCA.binary, "login", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--provider", "corp"]
            let environment = [
                "HOME": home, "MAYFLY_HOME": home + "/mayfly", "BROWSER": "", "DISPLAY": "", "WAYLAND_DISPLAY": "",
            ]
            let login = try await withThrowingTaskGroup(of: ProcessResult?.self) { group in
                group.addTask { try await runOnTerminal(words, environment: environment, input: "") }
                group.addTask {
                    try await eventually { lab.fake.calls(to: "/token").count >= 2 }
                    try lab.fake.approveDevices(lab.ana())
                    return nil
                }
                return try await group.reduce(nil) { $0 ?? $1 }
            }
            let shown = try #require(login).stdout
            let line = #/\r\u{1b}\[K\u{1b}\[\?7lmayfly: the login waits for you \d+m\d+s more\u{1b}\[\?7h\r\u{1b}\[K/#
            #expect(shown.contains(line), "\(shown)")
            #expect(shown.contains("\r\u{1b}[Klogged in to "), "the line is gone: \(shown)")
        }
    }

    @Test func `who cannot keep a session is told so before they prove anything`() async throws {
        try await withLab { lab in
            let login = ["login", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--provider", "corp"]
            let homeless = try await run("env", ["-i", MayflyCA.binary] + login)
            #expect(homeless.status == 1 && homeless.stderr.contains("no home directory to keep the session in"), "\(homeless)")
            #expect(homeless.stderr.contains("hint: set `MAYFLY_HOME`"))
            // A container whose root is read-only, with neither a temporary directory nor an agent.
            for environment in [["HOME=/proc"], ["HOME=/", "MAYFLY_HOME=/proc/mayfly"]] {
                let refused = try await run("env", ["-i"] + environment + [MayflyCA.binary] + login)
                #expect(refused.status == 1 && refused.stderr.contains("cannot be written"), "\(refused.stderr)")
                #expect(refused.stderr.contains("/proc/"), "\(refused.stderr)")
            }
            #expect(lab.fake.calls(to: "/device").isEmpty && lab.fake.calls(to: "/token").isEmpty)

            // With a place to keep it, and nothing else of an environment.
            lab.fake.approve(everybodyAs: lab.ana())
            let bare = [
                "-i", "MAYFLY_HOME=" + lab.ca.directory.file("bare"), "BROWSER=" + (try lab.browser()), "PATH=/usr/bin:/bin",
            ]
            let session = try await run("env", bare + [MayflyCA.binary] + login)
            #expect(session.stdout.contains("as ana@corp.example until"), "\(session.stderr)")
        }
    }

    @Test func `a device is refused where it is not allowed`() async throws {
        try await withLab(deviceFlow: "refused") { lab in
            let caller = Caller(lab.ca)
            let digest = String(repeating: "A", count: 43)
            let reply = try await caller.post(Paths.loginDevices, ["provider": "corp", "session_key_digest": digest])
            #expect(reply.status == 401 && reply.problem == "login-failed", "\(reply.detail)")
            #expect(lab.fake.calls(to: "/device").isEmpty)
        }
    }

    @Test func `a workload trades its token for a session, once`() async throws {
        try await withLab { lab in
            let home = try lab.home("job")
            // Forged with another key: refused, and the good one is still good.
            let forged = try await lab.logIn(["--token-file", try lab.token(lab.job(), key: .p256())], home: home)
            #expect(forged.status == 1 && forged.stderr.contains("signature does not verify"), "\(forged.stderr)")
            let file = try lab.token(lab.job())
            let login = try await lab.logIn(["--provider", "ci", "--token-file", file, "--json"], home: home)
            #expect(login.status == 0, "\(login.stderr)")
            let replay = try await lab.logIn(["--token-file", file], home: try lab.home("thief"))
            #expect(replay.status == 1 && replay.stderr.contains("used already"), "\(replay.stderr)")
            // The same claims, signed anew, are the same token by `jti`.
            let again = try await lab.logIn(["--token-file", try lab.token(lab.job())], home: try lab.home("thief2"))
            #expect(again.status == 1 && again.stderr.contains("used already"), "\(again.stderr)")

            let issued = try await lab.mayfly(
                ["issue", "x509", "--role", "deployer", "--out", lab.ca.directory.file("shop")], home: home)
            #expect(issued.status == 0, "\(issued.stderr)")
            #expect(try await lab.mayfly(["issue", "ssh", "--role", "shell", "--agent"], home: home).status != 0)
            // It is nobody, so nothing is its own: neither the list of everybody's certificates nor an end to them.
            #expect(try await lab.mayfly(["certificates"], home: home).status == 2)
            let serial = try await lab.ca.mayfly(["certificates", "--json"]).checked().stdout
                .firstMatch(of: /"serial" : "([0-9a-f]+)"/)?.1
            let revoked = try await lab.mayfly(["revoke", "--serial", String(serial ?? ""), "--reason", "x"], home: home)
            #expect(revoked.status == 2, "\(revoked.stderr)")
        }
    }

    @Test func `a job shows its token on the issuing call itself, without a login`() async throws {
        try await withLab { lab in
            func issue(_ token: String, into name: String, role: String = "deployer") async throws -> ProcessResult {
                try await lab.mayfly(
                    [
                        "issue", "x509", "--server", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--token-file", token,
                        "--role", role, "--out", lab.ca.directory.file(name),
                    ], home: try lab.home(name + "-home"))
            }
            let forged = try await issue(try lab.token(lab.job(), key: .p256()), into: "forged")
            #expect(forged.status == 1 && forged.stderr.contains("signature does not verify"), "\(forged.stderr)")
            // What the policy refuses uses nothing up.
            let file = try lab.token(lab.job())
            #expect(try await issue(file, into: "denied", role: "administrator").status == 2)
            let issued = try await issue(file, into: "shop")
            #expect(issued.status == 0, "\(issued.stderr)")
            let home = lab.ca.directory.file("shop-home")
            #expect(try FileManager.default.subpathsOfDirectory(atPath: home).isEmpty, "it leaves nothing in the home")
            let again = try await issue(file, into: "again")
            #expect(again.status == 1 && again.stderr.contains("it was used already"), "\(again.stderr)")
            let session = try await lab.logIn(["--token-file", file], home: try lab.home("session"))
            #expect(session.status == 1 && session.stderr.contains("it was used already"), "\(session.stderr)")

            // The other way round, and from a variable.
            let second = try String(contentsOfFile: try lab.token(lab.job("2")), encoding: .utf8)
            let opened = try await lab.logIn(["--token-env", "JOB"], home: try lab.home("opened"), ["JOB": second])
            #expect(opened.status == 0, "\(opened.stderr)")
            let late = try await issue(try lab.ca.directory.write(second, to: "second"), into: "late")
            #expect(late.status == 1 && late.stderr.contains("it was used already"), "\(late.stderr)")

            let unknown = try await lab.mayfly(
                ["issue", "x509", "--server", lab.ca.url, "--token-file", file, "--role", "deployer"], home: try lab.home("new")
            )
            #expect(unknown.status == 1 && unknown.stderr.contains("--fingerprint"), "\(unknown.stderr)")
            #expect(!lab.ca.log.contains("eyJ"))
        }
    }

    @Test func `a repeated call is answered again, a replayed token is not`() async throws {
        try await withLab { lab in
            let caller = Caller(lab.ca)
            let (key, request) = (lab.ca.directory.file("job.key"), lab.ca.directory.file("job.csr"))
            try await run(
                "openssl",
                ["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=shop"]
                    + ["-keyout", key, "-out", request]
            ).checked()
            let csr = try String(contentsOfFile: request, encoding: .utf8)
            func issue(_ token: String, key: String?, lifetime: Int = 60) async throws -> Caller.Reply {
                let document: [String: Any] = ["role": "deployer", "csr": csr, "lifetime": lifetime]
                let body = String(
                    decoding: try JSONSerialization.data(withJSONObject: document, options: .sortedKeys), as: UTF8.self)
                return try await caller.call(
                    "POST", Paths.x509Certificates, body: body,
                    headers: ["Authorization: Bearer \(token)"] + (key.map { ["Idempotency-Key: \($0)"] } ?? []),
                    withSession: false)
            }
            let token = try lab.fake.key.token(lab.job().json)
            func certificate(_ reply: Caller.Reply) -> String { reply.json["certificate"] as? String ?? "" }
            let first = try await issue(token, key: "a")
            #expect(first.status == 201, "\(first.detail)")
            let repeated = try await issue(token, key: "a")
            #expect(repeated.status == 201 && certificate(repeated) == certificate(first), "\(repeated.detail)")
            let changed = try await issue(token, key: "a", lifetime: 61)
            #expect(changed.status == 422 && changed.problem == "idempotency-key-reused", "\(changed.detail)")
            for key in ["b", nil] {
                let replayed = try await issue(token, key: key)
                #expect(replayed.status == 401 && replayed.detail.contains("used already"), "\(replayed.detail)")
            }
            // The key of one token leads nowhere with another.
            let other = try await issue(try lab.fake.key.token(lab.job("2").json), key: "a", lifetime: 61)
            #expect(other.status == 201, "\(other.detail)")

            // At the same time: with one key all get the one certificate, without a key one of them does.
            for key in ["c", nil] {
                let token = try lab.fake.key.token(lab.job("at once \(key ?? "")").json)
                let replies = try await withThrowingTaskGroup { group in
                    for _ in 0..<6 { group.addTask { try await issue(token, key: key) } }
                    return try await group.reduce(into: [Caller.Reply]()) { $0.append($1) }
                }
                let issued = replies.filter { $0.status == 201 }
                #expect(issued.count == (key == nil ? 1 : 6))
                #expect(Set(issued.map(certificate)).count == 1)
                #expect(replies.allSatisfy { $0.status == 201 || $0.status == 401 })
            }
        }
    }

    @Test func `a trade whose reply was lost is repeated, a replayed token is not`() async throws {
        try await withLab { lab in
            let caller = Caller(lab.ca)
            func request(_ name: String) async throws -> String {
                let (key, request) = (lab.ca.directory.file(name + ".key"), lab.ca.directory.file(name + ".csr"))
                try await run(
                    "openssl",
                    ["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-subj", "/CN=job"]
                        + ["-keyout", key, "-out", request]
                ).checked()
                return try String(contentsOfFile: request, encoding: .utf8)
            }
            let (csr, other) = (try await request("job"), try await request("other"))
            func trade(_ token: String, key: String?, csr: String) async throws -> Caller.Reply {
                try await caller.post(
                    Paths.tokenSessions, ["token": token, "csr": csr],
                    headers: key.map { ["Idempotency-Key: \($0)"] } ?? [])
            }
            func certificate(_ reply: Caller.Reply) -> String { reply.json["certificate"] as? String ?? "" }
            let token = try lab.fake.key.token(lab.job().json)
            let first = try await trade(token, key: "a", csr: csr)
            #expect(first.status == 201, "\(first.detail)")
            let again = try await trade(token, key: "a", csr: csr)
            #expect(again.status == 201 && certificate(again) == certificate(first), "\(again.detail)")
            #expect(again.json["expires_at"] as? String == first.json["expires_at"] as? String)
            for key in ["b", nil] {
                let replayed = try await trade(token, key: key, csr: csr)
                #expect(replayed.status == 401 && replayed.detail.contains("used already"), "\(replayed.detail)")
            }
            let stolen = try await trade(token, key: "a", csr: other)
            #expect(stolen.status == 422 && stolen.problem == "idempotency-key-reused", "\(stolen.detail)")
            // Nor does the key of the trade open the issuing call.
            let issued = try await caller.call(
                "POST", Paths.x509Certificates, body: "{}",
                headers: ["Authorization: Bearer \(token)", "Idempotency-Key: a"], withSession: false)
            #expect(issued.status != 201)

            // One that is over is not given out again.
            let session = lab.ca.directory.file("session.crt")
            try certificate(first).write(toFile: session, atomically: true, encoding: .utf8)
            let ended = try await caller.call(
                "DELETE", Paths.currentSession, certificate: (session, lab.ca.directory.file("job.key")))
            #expect(ended.status == 204, "\(ended.detail)")
            let late = try await trade(token, key: "a", csr: csr)
            #expect(late.status == 409 && late.detail.contains("no longer valid"), "\(late.detail)")
            #expect(try await logins(lab).count == 1)
        }
    }

    @Test func `a job of somebody else is turned away before anything is on record`() async throws {
        try await ProviderLab.open(ci: "require: {repository: \"example/*\", repository_owner: [example, \"example-*\"]}") {
            lab in
            let before = try await lab.ca.mayfly(["certificates", "--json"]).checked().stdout
            let stranger = lab.job("stranger").with("repository", "evil/shop").with("repository_owner", "example")
            let home = try lab.home("stranger")
            let login = try await lab.logIn(["--token-file", try lab.token(stranger)], home: home)
            #expect(login.status == 1)
            #expect(login.stderr.contains("claim `repository` is not what `require` asks for"), "\(login.stderr)")
            let caller = Caller(lab.ca)
            let bearer = try lab.fake.key.token(stranger.json)
            let issued = try await caller.call(
                "POST", Paths.x509Certificates, body: "{}", headers: ["Authorization: Bearer \(bearer)"], withSession: false)
            #expect(issued.status == 401 && issued.detail.contains("`require`"), "\(issued.detail)")
            #expect(try await lab.ca.mayfly(["certificates", "--json"]).checked().stdout == before)
            #expect(try await logins(lab).isEmpty)
            // What was refused is not used up: it was the claims, and they may be what is required tomorrow.
            let good = lab.job("stranger").with("repository_owner", "example-lab")
            try await lab.logIn(["--token-file", try lab.token(good)], home: home).checked()
            #expect(try await logins(lab).count == 1)
        }
    }

    /// Events of workloads that got in.
    private func logins(_ lab: ProviderLab) async throws -> [Substring] {
        try await lab.ca.mayfly(["audit", "tail", "--json"]).checked().stdout.split(separator: "\n")
            .filter { $0.contains("login.allowed") && $0.contains(#""provider":"ci""#) }
    }

    @Test func `a workload of another repository gets a session and no certificate`() async throws {
        try await withLab { lab in
            let home = try lab.home("job")
            let claims = lab.job().with("repository", "evil/shop")
            try await lab.logIn(["--token-file", try lab.token(claims)], home: home).checked()
            let issued = try await lab.mayfly(["issue", "x509", "--role", "deployer", "--out", home + "/x"], home: home)
            #expect(issued.status == 2 && issued.stderr.contains("repository"), "\(issued.stderr)")
        }
    }

    @Test func `a session certificate without its key opens nothing`() async throws {
        try await withLab { lab in
            let home = try lab.home("job")
            try await lab.logIn(["--token-file", try lab.token(lab.job())], home: home).checked()
            let servers = home + "/mayfly/servers"
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: servers).first)
            let session = try lab.ca.directory.write(
                try String(contentsOfFile: "\(servers)/\(name)/session.pem", encoding: .utf8), to: "stolen.pem")
            let key = lab.ca.directory.file("own.pem")
            try await run(
                "openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key]
            ).checked()
            let caller = Caller(lab.ca)
            #expect(try await caller.call("GET", Paths.whoami, certificate: (session, session)).status == 200)
            #expect(try await caller.call("GET", Paths.whoami, certificate: (session, key)).status == 0)
        }
    }

    @Test func `groups from a file are those of the file as it is, at every call`() async throws {
        let files = try TemporaryDirectory()
        defer { files.close() }
        let path = try files.write("groups: {sre: [Ana@Corp.example]}\n", to: "groups.yaml")
        try await ProviderLab.open("groups_file: \"\(path)\"") { lab in
            let home = try lab.home("ana")
            // What the provider says of groups counts for nothing.
            lab.fake.approve(everybodyAs: lab.ana().with("groups", json: #"["admins"]"#))
            try await lab.logIn(["--provider", "corp"], home: home, ["BROWSER": try lab.browser()]).checked()
            try await MayflyCA.makeKey(lab.ca.directory.file("key"))
            func issue() async throws -> ProcessResult {
                let key = lab.ca.directory.file("key.pub")
                return try await lab.mayfly(["issue", "ssh", "--role", "shell", "--public-key", key], home: home)
            }
            func isMember() async throws -> Bool {
                let groups = try await lab.mayfly(["whoami", "--json"], home: home).checked().stdout
                return groups.contains("\"sre\"")
            }
            #expect(try await isMember())
            #expect(try await issue().succeeded)

            try files.write("groups: {sre: [bo@corp.example]}\n", to: "groups.yaml")
            try await eventually { try await !isMember() }
            #expect(try await issue().status == 2)

            // A file that cannot be taken changes nothing, on SIGHUP as little as by itself.
            try files.write("groups: {admins: [ana@corp.example], sre: [eve@elsewhere.example]}\n", to: "groups.yaml")
            lab.ca.send(SIGHUP)
            try await eventually { lab.ca.log.contains("group file refused") }
            #expect(try await !isMember())
            try files.write("groups: {sre: [bo@corp.example, ana@corp.example]}\n", to: "groups.yaml")
            lab.ca.send(SIGHUP)
            try await eventually { try await isMember() }
            #expect(try await issue().succeeded)
        }
    }

    @Test func `a CA whose user file names somebody of a provider's domain does not start`() async throws {
        let fake = try await FakeProvider()
        let secret = "{a: {type: people, issuer: \"\(fake.issuer)\", client_id: x, domains: [example.com]}}"
        let error = await #expect(throws: (any Error).self) {
            try await serving(MayflyCA(.init(settings: ["providers": secret]))) { _ in }
        }
        #expect("\(error.map { String(describing: $0) } ?? "")".contains("asserts users of that domain"))
    }
}
