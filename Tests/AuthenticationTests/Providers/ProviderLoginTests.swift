// SPDX-License-Identifier: Apache-2.0

import Foundation
import Issuance
import OpenIDConnect
import Policies
import TestProviders
import Testing

@testable import Authentication

/// Who completes a login, and of whom a provider may speak.
@Suite struct ProviderLoginTests {
    @Test func `a person is who the provider says, in the groups it may assert`() async throws {
        try await withLogin { fake, login in
            let proven = try await login.inBrowser(
                fake, fake.ana().with("amr", json: #"["pwd","mfa"]"#).with("auth_time", json: "1794999000.7"))
            #expect(
                proven.identity
                    == Identity(
                        provider: "corp", user: "ana@example.com", groups: .known(["sre", "team-web"]),
                        claims: .known(["mayfly.login": .string("browser")]),
                        mfa: .known(true), authenticatedAt: .known(Date(timeIntervalSince1970: 1_794_999_000)),
                        address: IPAddress("10.0.0.7")))
            var kept = proven.identity
            kept.address = nil
            #expect(try proven.kept.identity(from: nil) == kept)
        }
    }

    @Test func `a login that somebody else began cannot be completed`() async throws {
        try await withLogin { fake, login in
            let begun = try await login.begin(provider: "corp", port: 41873, sessionKeyDigest: "attacker", now: loginTime)
            // The victim follows the attacker's link and says yes.
            let code = FakeProvider.query(try fake.approve(begun.url, fake.ana()))["code"] ?? ""
            await #expect(throws: ProviderLoginError.loginInvalid) {
                try await login.complete(code, state: begun.state, key: "victim")
            }
            await #expect(throws: ProviderLoginError.loginInvalid) {
                try await login.complete(code, state: begun.state, port: 41874, key: "attacker")
            }
            #expect(fake.calls(to: "/token").isEmpty)
        }
    }

    @Test func `an answer put into another login is refused`() async throws {
        try await withLogin { fake, login in
            let attackers = try await login.begin(provider: "corp", port: 41873, sessionKeyDigest: "attacker", now: loginTime)
            let mine = try await login.begin(provider: "corp", port: 41873, sessionKeyDigest: "mine", now: loginTime)
            let code = FakeProvider.query(try fake.approve(attackers.url, fake.ana()))["code"] ?? ""
            await #expect(throws: ProviderLoginError.refusedByProvider("corp", code: "invalid_grant")) {
                try await login.complete(code, state: mine.state)
            }
        }
    }

    @Test func `keys may change while the person is at the provider`() async throws {
        try await withLogin { fake, login in
            let old = fake.key
            let begun = try await login.begin(provider: "corp", port: 41873, sessionKeyDigest: "mine", now: loginTime)
            fake.rotate(to: [.ed25519("next")])
            let code = FakeProvider.query(try fake.approve(begun.url, fake.ana()))["code"] ?? ""
            let proven = try await login.complete(code, state: begun.state, at: loginTime + 11)
            #expect(proven.identity.user == "ana@example.com")
            // Whoever has a key that was withdrawn logs nobody in.
            let forged = try await login.begin(provider: "corp", port: 41873, sessionKeyDigest: "mine", now: loginTime + 11)
            let stolen = FakeProvider.query(try fake.approve(forged.url, fake.ana(), key: old))["code"] ?? ""
            await #expect(throws: ProviderLoginError.token("corp", .unknownKey)) {
                try await login.complete(stolen, state: forged.state, at: loginTime + 30)
            }
        }
    }

    @Test func `a login waits for ten minutes, and this process alone knows it`() async throws {
        try await withLogin { fake, login in
            let begun = try await login.begin(provider: "corp", port: 41873, sessionKeyDigest: "mine", now: loginTime)
            await #expect(throws: ProviderLoginError.loginExpired) {
                try await login.complete("x", state: begun.state, at: loginTime + 600)
            }
            let other = ProviderLogin(providers: login.providers, users: UserDirectory(try localUsers("a: {login: a}")))
            await #expect(throws: ProviderLoginError.loginInvalid) { try await other.complete("x", state: begun.state) }
            let characters = Array(begun.state)
            for index in characters.indices {
                var changed = characters
                changed[index] = changed[index] == "A" ? "B" : "A"
                await #expect(throws: ProviderLoginError.loginInvalid, "at \(index)") {
                    try await login.complete("x", state: String(changed))
                }
            }
            #expect(fake.calls(to: "/token").isEmpty)
        }
    }

    @Test(arguments: [
        ("email", #""ana@elsewhere.example""#, IdentityError.domainNotAsserted("ana@elsewhere.example")),
        ("email", #""ana@sub.example.com""#, .domainNotAsserted("ana@sub.example.com")),
        ("email", #""ana@example.com@example.com""#, .domainNotAsserted("ana@example.com@example.com")),
        ("email", #""@example.com""#, .domainNotAsserted("@example.com")),
        ("email", #""ana""#, .domainNotAsserted("ana")), ("email", #""an\u0430@example.com""#, .nameInvalid(claim: "email")),
        ("email", #""ana bo@example.com""#, .nameInvalid(claim: "email")),
        ("email", #"["ana@example.com"]"#, .claimMissing("email")),
        ("email_verified", "false", .emailNotVerified), ("email_verified", #""true""#, .emailNotVerified),
        ("email_verified", "null", .emailNotVerified),
    ])
    func `nobody becomes a user the provider may not name`(_ name: String, _ json: String, _ error: IdentityError) async throws
    {
        try await withLogin { fake, login in
            await #expect(throws: ProviderLoginError.identity("corp", error)) {
                try await login.inBrowser(fake, fake.ana().with(name, json: json))
            }
        }
    }

    @Test func `a name is the same person however it is written`() async throws {
        try await withLogin { fake, login in
            let user = try await login.inBrowser(fake, fake.ana().with("email", "Ana@Example.COM")).identity.user
            #expect(user == "ana@example.com")
        }
    }

    @Test(arguments: [
        (#""sre""#, Known<Set<String>>.unknown), ("null", .unknown), (#"["sre",1]"#, .unknown), ("[]", .known([])),
        (#"["Sre","sre ","team-*","team-","x"]"#, .known(["team-"])), (#"["team-\u212A","team-\u0007"]"#, .known([])),
    ])
    func `groups are those that are meant, or unknown`(_ json: String, _ expected: Known<Set<String>>) async throws {
        try await withLogin { fake, login in
            let groups = try await login.inBrowser(fake, fake.ana().with("groups", json: json)).identity.groups
            #expect(groups == expected)
            let missing = try await login.inBrowser(fake, fake.ana().without("groups")).identity.groups
            #expect(missing == .unknown)
        }
        try await withLogin({ $0.groupsClaim = nil }) { fake, login in
            let groups = try await login.inBrowser(fake, fake.ana().with("groups", json: json)).identity.groups
            #expect(groups == .known([]))
        }
    }

    @Test func `a second factor is known only where the provider says so`() async throws {
        try await withLogin({ $0.mfaContexts = ["high"] }) { fake, login in
            func mfa(_ claims: Claims) async throws -> Known<Bool> { try await login.inBrowser(fake, claims).identity.mfa }
            let nothing = try await mfa(fake.ana())
            #expect(nothing == .unknown)
            let password = try await mfa(fake.ana().with("amr", json: #"["pwd"]"#))
            #expect(password == .known(false))
            let low = try await mfa(fake.ana().with("acr", "low"))
            #expect(low == .known(false))
            let high = try await mfa(fake.ana().with("acr", "high"))
            #expect(high == .known(true))
        }
    }

    @Test func `who proved themselves too long ago is refused`() async throws {
        try await withLogin({ $0.maximumAge = 600 }) { fake, login in
            _ = try await login.inBrowser(fake, fake.ana().with("auth_time", json: "1794999341"))
            for claims in [
                fake.ana(), fake.ana().with("auth_time", json: "1794999339"), fake.ana().with("auth_time", json: "0"),
            ] {
                await #expect(throws: ProviderLoginError.identity("corp", .authenticatedTooLongAgo)) {
                    try await login.inBrowser(fake, claims)
                }
            }
        }
    }

    @Test func `a login on servers that a local user has stays theirs`() async throws {
        let users = try localUsers("root-of-ca: {login: deploy}")
        try await withLogin({ $0.loginClaim = "preferred_username" }, users: users) { fake, login in
            func name(_ text: String) async throws -> String? {
                try await login.inBrowser(fake, fake.ana().with("preferred_username", text)).identity.login
            }
            let valid = try await name("ana")
            #expect(valid == "ana")
            let taken = try await name("deploy")
            #expect(taken == nil)
            let impossible = try await name("Ana Example")
            #expect(impossible == nil)
            let root = try await name("root")
            #expect(root == nil)
        }
    }

    @Test func `a device is approved for whoever began it, and nobody reads its code`() async throws {
        try await withLogin { fake, login in
            let device = try await login.beginDevice(provider: "corp", sessionKeyDigest: "mine", now: loginTime)
            func poll(_ key: String = "mine", at time: Date = loginTime, _ handle: String? = nil) async throws
                -> ProviderLogin.Proven
            {
                try await login.completeDevice(
                    provider: "corp", handle: handle ?? device.handle, sessionKeyDigest: key, address: nil, now: time)
            }
            await #expect(throws: ProviderLoginError.pending) { try await poll() }
            #expect(fake.calls(to: "/token").count == 1)
            let code = try #require(fake.calls(to: "/token").first?.form["device_code"])
            #expect(!device.handle.contains(code))
            await #expect(throws: ProviderLoginError.loginInvalid) { try await poll("other") }
            await #expect(throws: ProviderLoginError.loginInvalid) { try await poll("mine", "9" + device.handle) }
            await #expect(throws: ProviderLoginError.loginInvalid) { try await poll("mine", code) }
            await #expect(throws: ProviderLoginError.loginExpired) { try await poll(at: loginTime + 600) }
            #expect(fake.calls(to: "/token").count == 1)
            try fake.approveDevices(fake.ana())
            let identity = try await poll().identity
            #expect(identity.user == "ana@example.com")
            #expect(identity.claims == .known(["mayfly.login": .string("device")]))
        }
    }

    @Test func `nobody is sent to a provider that is down, and it is not asked more often than needed`() async throws {
        try await withLogin { fake, login in
            func begin(at time: Date) async throws {
                _ = try await login.begin(provider: "corp", port: 41873, sessionKeyDigest: "mine", now: time)
            }
            func looks() -> Int { fake.calls(to: "/.well-known/openid-configuration").count }
            try await begin(at: loginTime)
            let first = looks()
            for _ in 0..<5 { try await begin(at: loginTime) }
            #expect(looks() == first, "within a second one look is enough")
            fake.answer("/.well-known/openid-configuration", with: .json("{}", status: 503))
            let down = ProviderLoginError.down("corp", .status(.configuration, 503), since: loginTime + 1, others: [])
            for seconds in [1.0, 1.5, 10] {
                await #expect(throws: down) { try await begin(at: loginTime + seconds) }
                await #expect(throws: down) {
                    try await login.beginDevice(provider: "corp", sessionKeyDigest: "mine", now: loginTime + seconds)
                }
            }
            #expect(looks() == first + 1)
            #expect(fake.calls(to: "/device").isEmpty)
            #expect(
                down.description.hasPrefix("identity provider `corp` is down since 2026-11-")
                    && down.description.hasSuffix("Z: its configuration answered with status 503"), "\(down)")
            fake.answer("/.well-known/openid-configuration", with: nil)
            try await begin(at: loginTime + 11)
            #expect(looks() == first + 2)

            // Keys from before serve for six hours. Then nobody's login could be verified.
            fake.answer("/keys", with: .json("{}", status: 503))
            try await begin(at: loginTime + 7200)
            await #expect(throws: ProviderLoginError.down("corp", .status(.keys, 503), since: loginTime + 7200, others: [])) {
                try await begin(at: loginTime + 21700)
            }
            fake.answer("/keys", with: nil)
            try await begin(at: loginTime + 21711)
        }
    }

    @Test func `who cannot log in with a provider is told of the others`() {
        func hint(_ others: [String]) -> String? {
            ProviderLoginError.down("corp", .unreachable(.configuration), since: loginTime, others: others).hint
        }
        #expect(hint([])?.hasPrefix("log in another way meanwhile, or try again: it is looked for every ten seconds") == true)
        #expect(hint(["a", "b"])?.hasPrefix("log in with `--provider a` or `--provider b` if that knows you too") == true)
    }

    @Test func `the device flow can be refused`() async throws {
        try await withLogin({ $0.allowsDeviceFlow = false }) { fake, login in
            await #expect(throws: ProviderLoginError.deviceFlowRefused("corp")) {
                try await login.beginDevice(provider: "corp", sessionKeyDigest: "mine", now: loginTime)
            }
            #expect(fake.calls(to: "/device").isEmpty)
        }
    }

    @Test func `a workload has the claims that are declared, and no name`() async throws {
        let claims = ["repository", "ref", "run", "deep.er.name", "tags", "none", "fraction", "missing", "object"]
        try await withLogin(claims: claims) { fake, login in
            let job = fake.job().with("actor", "ana").with("run", json: "7").with("deep", json: #"{"er":{"name":"x"}}"#)
                .with("tags", json: #"["a",true]"#).with("none", json: "null").with("fraction", json: "1.5").with(
                    "object", json: "{}")
            let proven = try await login.workload(fake.key.token(job.json))
            #expect(
                proven.identity
                    == Identity(
                        provider: "ci", groups: .known([]),
                        claims: .known([
                            "repository": .string("example/shop"), "ref": .string("refs/heads/main"), "run": .int(7),
                            "deep.er.name": .string("x"), "tags": .list([.string("a"), .bool(true)]), "none": .absent,
                        ]), mfa: .known(false), authenticatedAt: .known(Date(timeIntervalSince1970: 1_795_000_000))))
        }
    }

    @Test func `a workload that does not say what is required is nobody here, and uses nothing up`() async throws {
        let required = try requirements("repository_owner: example, ref: [refs/heads/main, 'refs/tags/*'], trusted: true")
        try await withLogin(claims: ["repository_owner", "ref", "trusted"], requirements: required) { fake, login in
            let good = fake.job().with("repository_owner", "example").with("trusted", json: "true")
            let identity = try await login.workload(fake.key.token(good.json)).identity
            #expect(identity.provider == "ci")
            _ = try await login.workload(fake.key.token(good.with("ref", "refs/tags/v1").json))
            for (claims, claim) in [
                (good.with("repository_owner", "evil"), "repository_owner"),
                (good.without("repository_owner"), "repository_owner"),
                (good.with("repository_owner", "example2"), "repository_owner"), (good.with("ref", "refs/tags/v1/x"), "ref"),
                (good.with("trusted", "true"), "trusted"), (good.with("trusted", json: "null"), "trusted"),
            ] {
                let error = await #expect(throws: ProviderLoginError.identity("ci", .requirementUnmet(claim: claim))) {
                    try await login.workload(fake.key.token(claims.json))
                }
                #expect(
                    error?.description
                        == "the token of identity provider `ci` is refused: claim `\(claim)` is not what `require` asks for")
                // By the way of whoever shows the token with the call as well.
                await #expect(throws: ProviderLoginError.identity("ci", .requirementUnmet(claim: claim))) {
                    try await login.workload(
                        provider: nil, token: fake.key.token(claims.json), address: nil, now: loginTime)
                }
            }
            // What is required now counts for whoever logged in before.
            let ci = try #require(login.providers["ci"]?.declaration)
            #expect(ci.stillVouches(for: identity))
            var other = identity
            other.claims = .known([
                "repository_owner": .string("evil"), "ref": .string("refs/heads/main"), "trusted": .bool(true),
            ])
            #expect(!ci.stillVouches(for: other))
        }
    }

    @Test func `a token that is for nobody is told so`() async throws {
        let fake = try await FakeProvider()
        try await ProviderTransport.opened { transport in
            let entries = try ["a", "b"].map { name in
                var declaration = try ProviderDeclaration.ci(fake.issuer)
                declaration.name = name
                declaration.kind = .workload(.init(audience: "https://\(name).example"))
                return ProviderDirectory.Entry(
                    declaration: declaration,
                    provider: OpenIDProvider(
                        issuer: declaration.issuer, client: .init(id: "", secret: nil),
                        connection: try transport.connection(authorities: nil)))
            }
            let login = ProviderLogin(
                providers: ProviderDirectory(entries), users: UserDirectory(try localUsers("local: {login: local}")))
            func provider(of audience: String) async throws -> String {
                let token = try fake.key.token(fake.job().with("aud", audience).json)
                return try await login.workload(provider: nil, token: token, address: nil, now: loginTime).identity.provider
            }
            let found = try await provider(of: "https://b.example")
            #expect(found == "b")
            let error = await #expect(throws: ProviderLoginError.tokenOfNone(known: ["a", "b"])) {
                try await provider(of: "https://c.example")
            }
            #expect(error?.description.contains("issuer and audience of the token are not those of one") == true)
        }
    }

    @Test(arguments: [
        ("invalid_client", true), ("unauthorized_client", true), ("invalid_scope", true), ("server_error", false),
    ])
    func `what the provider has against us is told to administrators, and is nobody's login that failed`(
        _ code: String, _ isOfClient: Bool
    ) async throws {
        try await withLogin { fake, login in
            let begun = try await login.begin(provider: "corp", port: 41873, sessionKeyDigest: "mine", now: loginTime)
            fake.answer("/token", with: .json(#"{"error":"\#(code)"}"#, status: 401))
            fake.answer("/device", with: .json(#"{"error":"\#(code)"}"#, status: 400))
            let error = await #expect(throws: ProviderLoginError.provider("corp", .refused(code))) {
                try await login.complete("code", state: begun.state)
            }
            #expect(error?.description == "identity provider `corp`: it refused: `\(code)`")
            #expect(error?.hint?.hasPrefix("an administrator must make `client_id`") == isOfClient)
            await #expect(throws: ProviderLoginError.provider("corp", .refused(code))) {
                try await login.beginDevice(provider: "corp", sessionKeyDigest: "mine", now: loginTime)
            }
        }
    }

    @Test func `a pod is known by its namespace and service account`() async throws {
        try await withLogin(claims: ["kubernetes.io.namespace", "kubernetes.io.serviceaccount.name"]) { fake, login in
            let pod = fake.job().with("sub", "system:serviceaccount:shop:backend").with("jti", "9a1d")
                .with("aud", json: #"["https://ca.example.com"]"#).with("nbf", json: "1795000000")
                .with(
                    "kubernetes.io",
                    json:
                        #"{"namespace":"shop","node":{"name":"n1","uid":"1"},"pod":{"name":"p","uid":"2"},"serviceaccount":{"name":"backend","uid":"3"}}"#
                )
            let identity = try await login.workload(fake.key.token(pod.json)).identity
            #expect(identity.user == nil)
            #expect(
                identity.claims
                    == .known([
                        "kubernetes.io.namespace": .string("shop"), "kubernetes.io.serviceaccount.name": .string("backend"),
                    ]))
        }
    }

    @Test func `what the ID token lacks comes from userinfo, where that is asked`() async throws {
        let little = { (fake: FakeProvider) in fake.ana().without("groups").without("email").without("email_verified") }
        func info(_ members: String) -> FakeProvider.Answer {
            .json(#"{"sub":"248289761001","email":"ana@example.com",\#(members)}"#)
        }
        try await withLogin({ $0.asksUserInfo = true }) { fake, login in
            fake.answer(
                "/userinfo",
                with: info(#""email_verified":true,"groups":["sre"],"amr":["mfa"],"auth_time":1795000000,"sid":"x""#))
            let proven = try await login.inBrowser(fake, little(fake))
            #expect(proven.identity.user == "ana@example.com" && proven.identity.groups == .known(["sre"]))
            // How and when somebody proved themselves is said by the signed token or not at all.
            #expect(proven.identity.mfa == .unknown && proven.identity.authenticatedAt == .unknown && proven.login?.id == nil)
            #expect(fake.calls(to: "/userinfo").map(\.authorization) == ["Bearer not-for-you"])
            // The token has the last word.
            let both = try await login.inBrowser(fake, little(fake).with("groups", json: #"["team-web"]"#))
            #expect(both.identity.groups == .known(["team-web"]))
            // An address of the token is not verified by what is said of another.
            await #expect(throws: ProviderLoginError.identity("corp", .emailNotVerified)) {
                try await login.inBrowser(fake, little(fake).with("email", "bo@example.com"))
            }
            fake.answer("/userinfo", with: .json(#"{"sub":"somebody else","email":"ana@example.com","email_verified":true}"#))
            await #expect(throws: ProviderLoginError.token("corp", .otherSubject)) {
                try await login.inBrowser(fake, little(fake))
            }
            fake.answer("/userinfo", with: .redirect(to: "http://169.254.169.254/"))
            await #expect(throws: ProviderLoginError.provider("corp", .redirected(.userInfo))) {
                try await login.inBrowser(fake, little(fake))
            }
            fake.answer("/userinfo", with: .bytes(10 << 20))
            await #expect(throws: ProviderLoginError.provider("corp", .tooLarge(.userInfo, limit: 65_536))) {
                try await login.inBrowser(fake, little(fake))
            }
        }
        try await withLogin { fake, login in
            fake.answer("/userinfo", with: info(#""email_verified":true"#))
            await #expect(throws: ProviderLoginError.identity("corp", .claimMissing("email"))) {
                try await login.inBrowser(fake, little(fake))
            }
            #expect(fake.calls(to: "/userinfo").isEmpty)
        }
    }

    @Test func `a claim with two meanings, or that looks like another, is unknown`() async throws {
        try await withLogin(claims: ["a.b", "repository"]) { fake, login in
            let job = fake.job().with("a.b", "x").with("a", json: #"{"b":"y"}"#).with("repository", "\u{212A}elvin")
            let claims = try await login.workload(fake.key.token(job.json)).identity.claims
            #expect(claims == .known([:]))
        }
    }

    @Test func `neither may people bring tokens, nor workloads log in`() async throws {
        try await withLogin { fake, login in
            await #expect(throws: ProviderLoginError.notForWorkloads("corp")) {
                try await login.workload(provider: "corp", token: "x", address: nil, now: loginTime)
            }
            await #expect(throws: ProviderLoginError.notForPeople("ci")) {
                try await login.begin(provider: "ci", port: 2000, sessionKeyDigest: "mine", now: loginTime)
            }
            await #expect(throws: ProviderLoginError.unknownProvider(known: ["corp", "ci"])) {
                try await login.begin(provider: "other", port: 2000, sessionKeyDigest: "mine", now: loginTime)
            }
            // An ID token of a person is no token of a workload.
            let token = try fake.key.token(fake.ana().json)
            await #expect(throws: ProviderLoginError.token("ci", .otherAudience)) { try await login.workload(token) }
        }
    }

    @Test func `groups from a file take the place of the provider's, and are not kept`() async throws {
        try await withLogin({ $0.groupsClaim = nil }, groups: "groups: {sre: [Ana@example.com], team-web: [bo@example.com]}") {
            fake, login in
            let proven = try await login.inBrowser(fake, fake.ana().with("groups", json: #"["team-db"]"#))
            #expect(proven.identity.groups == .known(["sre"]))
            #expect(try proven.kept.identity(from: nil).groups == .unknown)
            let nobody = try await login.inBrowser(fake, fake.ana().with("email", "cy@example.com"))
            #expect(nobody.identity.groups == .known([]))
        }
    }

    @Test(arguments: [
        ("groups: {everyone: [ana@example.com]}", "1:10: `everyone` is not among the `groups` of provider `corp`"),
        ("groups: {'team-*': [ana@example.com]}", "1:10: `team-*` is not among"),
        ("groups: {sre: [ana@elsewhere.example]}", "1:16: `ana@elsewhere.example` is nobody provider `corp` may assert"),
        ("groups: {sre: [ana]}", "1:16: `ana` is nobody"), ("groups: {sre: ana@example.com}", "must be a list"),
        ("groups: {sre: [ana@example.com, ana@example.com]}", "is listed twice"), ("users: {}", "unknown key `users`"),
        ("", "empty"),
    ])
    func `a group file says nothing that its provider could not`(_ text: String, _ reason: String) throws {
        let corp = try ProviderDeclaration.corp("https://corp.example")
        let error = #expect(throws: (any Error).self) {
            try ProviderGroups(parsing: Array(text.utf8), file: "groups.yaml", of: corp)
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains(reason), "\(error.map { "\($0)" } ?? "")")
        #expect(throws: Never.self) { try ProviderGroups(parsing: Array("groups: {}".utf8), file: "groups.yaml", of: corp) }
    }
}
