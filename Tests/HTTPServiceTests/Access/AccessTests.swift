// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestProviders
import TestSupport
import Testing

/// Every operation of `openapi.json` × every kind of caller. What is expected follows from the document, so a new endpoint
/// is in the table as soon as it is documented, and `OpenAPITests` fails for one that is not.
@Suite(.timeLimit(.minutes(30)))
struct AccessTests {
    /// How a caller that is not a session's is turned away.
    private enum Refusal {
        /// No TLS connection: the alert that curl reports.
        case handshake(String)
        /// 401 with these words, where a session is needed; nobody's answer, where none is.
        case unauthenticated(String)
        /// The same for a certificate that no session has; where one of a machine is needed, 401 with these words, or let in.
        case workload(renewal: String?)
    }

    private static func operations() throws -> [DocumentedOperation] {
        let path = Repository.root + "/Sources/HTTPService/openapi.json"
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
        return try DocumentedOperation.all(of: try #require(json as? [String: Any]))
    }

    @Test func `whoever is no session's is turned away from every operation that needs one`() async throws {
        let operations = try Self.operations()
        let people = ["ended", "revoked", "victim", "lapsed"].map { MayflyCA.Person(Self.name($0), login: $0) }
        try await Self.open(operations, people) { caller in
            let ca = caller.ca
            let impostor = try Impostor(ca)
            defer { impostor.close() }
            for person in people { try await Self.logIn(ca, person.name) }
            func session(_ name: String) throws -> Impostor.Credential {
                try impostor.copy(Self.sessionFile(ca, Self.name(name)))
            }

            let ended = try session("ended")
            try await ca.mayfly(["logout"], home: ca.home(of: Self.name("ended"))).checked()
            let revoked = try session("revoked")
            let serial = try await Self.serial(of: revoked.certificate)
            try await ca.mayfly(["revoke", "--serial", serial, "--kind", "session", "--reason", "test"]).checked()
            let lapsed = try session("lapsed")
            try await Self.change(
                ca, "UPDATE sessions SET expires_at = created_at WHERE serial = ?",
                try await Self.serial(of: lapsed.certificate))

            let machine = try await impostor.ofMachine(role: "machine", name: "machine.example.com")
            let strangers: [(name: String, certificate: Impostor.Credential?, headers: [String], refusal: Refusal)] = [
                ("nobody", nil, [], .unauthenticated("this needs a session")),
                ("an ended session", ended, [], .unauthenticated("the session was ended")),
                ("a revoked session", revoked, [], .unauthenticated("the session was ended")),
                ("a session past its time", lapsed, [], .unauthenticated("the session has expired")),
                (
                    "another CA of the same names", try await impostor.ofForeignAuthority(), [],
                    .handshake("certificate unknown")
                ),
                ("the SSH CA's key", try await impostor.ofSSHAuthority(), [], .handshake("certificate unknown")),
                (
                    "the workload CA", try await impostor.ofWorkloadAuthority(role: "namesake"), [],
                    .workload(
                        renewal: "the certificate that was shown cannot be renewed: it did not come of an enrolment token")
                ),
                ("a machine", machine, [], .workload(renewal: nil)),
                (
                    "a machine's certificate, stolen", try await impostor.withStolenCertificate(machine.certificate), [],
                    .handshake("decrypt error")
                ),
                (
                    "a stolen certificate", try await impostor.withStolenCertificate(try session("victim").certificate), [],
                    .handshake("decrypt error")
                ),
            ]
            for operation in operations {
                let nobody = try await Self.send(operation, caller, nil)
                for stranger in strangers {
                    let reply = try await Self.send(operation, caller, stranger.certificate, stranger.headers)
                    Self.check(reply, operation, stranger.refusal, nobody: nobody, "\(stranger.name): \(operation)")
                }
            }
            // The thief has not ended what they stole.
            #expect(try await ca.mayfly(["whoami"], home: ca.home(of: Self.name("victim"))).succeeded)
        }
    }

    @Test func `a token that is not good opens nothing, and a good one only what takes tokens`() async throws {
        let operations = try Self.operations()
        let key = try ProviderKey.rsa()
        let fake = try await FakeProvider(keys: [key])
        let providers = """
            {ci: {type: workload, issuer: "\(fake.issuer)", audience: "\(Self.audience)", claims: [repository]}}
            """
        try await Self.open(operations, [], settings: ["providers": providers]) { caller in
            let impostor = try Impostor(caller.ca)
            defer { impostor.close() }
            let machine = try await impostor.ofMachine(role: "machine", name: "machine.example.com")
            // Good until the last operation has seen them.
            let job = Claims(issuer: fake.issuer, audience: Self.audience, now: Date(), lifetime: 7200)
                .with("repository", "example/shop")
            func bearer(_ token: String) -> [String] { ["Authorization: Bearer \(token)"] }
            let used = try key.token(job.with("jti", "used").json)
            let first = try await caller.call(
                "POST", Paths.x509Certificates, body: try await Self.certificateRequest(caller.ca), headers: bearer(used),
                withSession: false)
            #expect(first.status == 201, "\(first.detail)")
            let past = Claims(issuer: fake.issuer, audience: Self.audience, now: Date(timeIntervalSinceNow: -3600))
            let refused = "the token of identity provider `ci` is refused: "
            let tokens: [(name: String, header: [String], refusal: String)] = [
                ("garbage", bearer("garbage.garbage.garbage"), refused + "it is not a signed JWT"),
                ("another scheme", ["Authorization: Basic YTpi"], refused + "it is not a signed JWT"),
                (
                    "another issuer", bearer(try key.token(job.with("iss", "https://evil.example").json)),
                    refused + "it is of another issuer"
                ),
                (
                    "another audience", bearer(try key.token(job.with("aud", "https://other.example").json)),
                    refused + "it is meant for another audience"
                ),
                (
                    "another key", bearer(try ProviderKey.rsa().token(job.json)),
                    refused + "its signature does not verify"
                ),
                (
                    "algorithm none", bearer(try key.token(job.json, header: #"{"alg":"none","kid":"rsa"}"#)),
                    refused + "it is not signed with one of RS256, ES256, EdDSA"
                ),
                (
                    "a MAC with the public key", bearer(key.macToken(job.json)),
                    refused + "it is not signed with one of RS256, ES256, EdDSA"
                ),
                ("expired", bearer(try key.token(past.json)), refused + "it has expired"),
                ("replayed", bearer(used), refused + "it was used already"),
            ]
            for operation in operations {
                let nobody = try await Self.send(operation, caller, nil)
                for (name, header, words) in tokens {
                    let reply = try await Self.send(operation, caller, nil, header, patiently: true)
                    let refusal = Refusal.unauthenticated(operation.takesTokens ? words : "this needs a session")
                    Self.check(reply, operation, refusal, nobody: nobody, "\(name): \(operation)")
                }
                let good = try await Self.send(operation, caller, nil, bearer(try key.token(job.json)))
                if operation.takesTokens {
                    Self.expectAllowed(good, operation, "a good token: \(operation)")
                    let both = try await caller.call(
                        operation.method, operation.calledPath, body: "{}", headers: bearer(try key.token(job.json)))
                    #expect(both.status == 400 && both.detail.contains("both a session"), "\(operation): \(both.detail)")
                    let withMachine = try await caller.call(
                        operation.method, operation.calledPath, body: "{}", headers: bearer(try key.token(job.json)),
                        certificate: machine)
                    #expect(
                        withMachine.status == 400 && withMachine.detail.contains("both the certificate of a machine"),
                        "\(operation): \(withMachine.detail)")
                } else {
                    Self.check(
                        good, operation, .unauthenticated("this needs a session"), nobody: nobody,
                        "a good token: \(operation)")
                }
            }
            #expect(operations.count { $0.takesTokens } >= 3)
            #expect(caller.ca.log.contains("rules for everyone let in any workload"))
        }
    }

    private static let audience = "https://ca.example.com"

    /// For role `namesake`.
    private static func certificateRequest(_ ca: MayflyCA) async throws -> String {
        let (key, request) = (ca.directory.file("job.key"), ca.directory.file("job.csr"))
        try await run(
            "openssl",
            ["req", "-new", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", key, "-out", request]
                + ["-subj", "/CN=\(MayflyCA.administrator)"]
        ).checked()
        let document = ["role": "namesake", "csr": try String(contentsOfFile: request, encoding: .utf8)]
        return String(decoding: try JSONEncoder().encode(document), as: UTF8.self)
    }

    @Test func `a session that went unused or whose certificate expired opens nothing`() async throws {
        let operations = try Self.operations()
        // Long enough for a login on a slow machine; what is waited for is longer, so that no speed makes it pass.
        for (setting, refusal) in [
            ("{session_idle: 30s}", Refusal.unauthenticated("the session went unused for too long")),
            ("{session: 30s}", .handshake("certificate unknown")),
        ] {
            try await Self.open(operations, [], settings: ["ceilings": setting]) { caller in
                let impostor = try Impostor(caller.ca)
                defer { impostor.close() }
                let session = try impostor.copy(Self.sessionFile(caller.ca, MayflyCA.administrator))
                try await Task.sleep(for: .seconds(31))
                for operation in operations {
                    let nobody = try await Self.send(operation, caller, nil)
                    let reply = try await Self.send(operation, caller, session)
                    Self.check(reply, operation, refusal, nobody: nobody, "\(setting): \(operation)")
                }
            }
        }
    }

    @Test func `a session opens what needs a session, and a capability what needs it`() async throws {
        let operations = try Self.operations()
        let capabilities = DocumentedOperation.capabilities(of: operations)
        let eve = MayflyCA.Person(Self.name("eve"), login: "eve")
        let lacking = capabilities.map { MayflyCA.Person(Self.name("without." + $0), login: "some") }
        let victim = MayflyCA.Person(Self.name("victim"), login: "victim")
        try await Self.open(operations, [eve, victim] + lacking) { caller in
            let ca = caller.ca
            let impostor = try Impostor(ca)
            defer { impostor.close() }
            func session(_ name: String) async throws -> Impostor.Credential {
                try await Self.logIn(ca, name)
                return try impostor.copy(Self.sessionFile(ca, name))
            }
            let ada = try impostor.copy(Self.sessionFile(ca, MayflyCA.administrator))
            let evesSession = try await session(eve.name)
            var others: [String: Impostor.Credential] = [:]
            for (capability, person) in zip(capabilities, lacking) { others[capability] = try await session(person.name) }
            let adasSerial = try await Self.serial(of: ada.certificate)
            let victimsSession = try await session(victim.name)
            let victimsSerial = try await Self.serial(of: victimsSession.certificate)

            for operation in operations {
                let byEve = try await Self.send(operation, caller, evesSession)
                switch operation.access {
                case .anyone, .session:
                    Self.expectAllowed(byEve, operation, "eve: \(operation)")
                case .machine:
                    Self.check(byEve, operation, .unauthenticated(""), nobody: byEve, "eve: \(operation)")
                case .capability(let capability):
                    Self.expectDenied(byEve, operation, capability, "eve: \(operation)")
                    let without = try #require(others[capability])
                    let almost = try await Self.send(operation, caller, without)
                    Self.expectDenied(almost, operation, capability, "administrator without `\(capability)`: \(operation)")
                }
            }
            for operation in operations {
                guard let capability = operation.capabilityForOthers else { continue }
                func send(_ owner: String, _ serial: String, _ certificate: Impostor.Credential) async throws -> Caller.Reply {
                    try await Self.send(operation, about: Owned(user: owner, session: serial), caller, certificate)
                }
                // Eve's session is over by now: the last of the table above ended it.
                let without = try #require(others[capability])
                let almost = try await send(MayflyCA.administrator, adasSerial, without)
                Self.expectDenied(
                    almost, operation, capability, "administrator without `\(capability)`, of others: \(operation)")
                let stranger = try await send(MayflyCA.administrator, adasSerial, victimsSession)
                Self.expectDenied(stranger, operation, capability, "another user, of others: \(operation)")
            }
            for operation in operations where operation.capabilityForOthers != nil {
                let reply = try await Self.send(
                    operation, about: Owned(user: victim.name, session: victimsSerial), caller, ada)
                #expect(reply.status == 200, "administrator, of others: \(operation) \(reply.detail)")
            }
            for operation in operations where operation.access != .machine {
                Self.expectAllowed(try await Self.send(operation, caller, ada), operation, "administrator: \(operation)")
            }
        }
    }

    @Test func `what is another's is answered for as if it did not exist`() async throws {
        let all = try Self.operations()
        let operations = all.filter { $0.others == .hidden }
        #expect(operations.count >= 10)
        let eve = MayflyCA.Person(Self.name("eve"), login: "eve")
        try await Self.open(all, [eve]) { caller in
            let impostor = try Impostor(caller.ca)
            defer { impostor.close() }
            try await Self.logIn(caller.ca, eve.name)
            let ada = try impostor.copy(Self.sessionFile(caller.ca, MayflyCA.administrator))
            let evesSession = try impostor.copy(Self.sessionFile(caller.ca, eve.name))
            // A grant that is open, and one that waits for an approval.
            var owned: [Owned] = []
            for body in [#"{"role":"rescue","reason":"x","break_glass":true}"#, #"{"role":"asked"}"#] {
                let asked = try await caller.call("POST", Paths.accessRequests, body: body, certificate: ada)
                let id = try #require(asked.json["id"] as? String, "\(asked.text)")
                owned.append(Owned(access: id))
            }
            func history() async throws -> [[String]] {
                var events: [[String]] = []
                for thing in owned {
                    let reply = try await caller.call("GET", Paths.accessRequests + "/" + thing.access, certificate: ada)
                    events.append(try #require(reply.json["events"] as? [String], "\(reply.text)"))
                }
                return events
            }
            let before = try await history()
            for operation in operations {
                let isList = operation.method == "GET" && !operation.path.contains("{")
                let none = try await Self.send(operation, about: Owned(), caller, evesSession)
                if isList {
                    #expect(
                        none.status == 200 && owned.allSatisfy { !none.text.contains($0.access) }, "\(operation): \(none.text)")
                    let own = try await Self.send(operation, about: Owned(), caller, ada)
                    #expect(own.text.contains(owned[0].access), "\(operation): \(own.text)")
                    continue
                }
                // What is refused for its form says nothing of what it is about.
                #expect([403, 404, 409].contains(none.status), "\(operation): \(none.status) \(none.detail)")
                for thing in owned {
                    let reply = try await Self.send(operation, about: thing, caller, evesSession)
                    #expect(reply.status == none.status, "\(operation): \(reply.status) \(reply.detail)")
                    let words = try Self.words(reply).replacing(thing.access, with: DocumentedOperation.unknownID)
                    #expect(words == (try Self.words(none)), "\(operation)")
                }
            }
            #expect(try await history() == before, "and nothing has come of it")
        }
    }

    /// Of a problem, all that does not belong to the one call.
    private static func words(_ reply: Caller.Reply) throws -> String {
        let problem = reply.json.filter { $0.key != "instance" }
        return String(decoding: try JSONSerialization.data(withJSONObject: problem, options: .sortedKeys), as: UTF8.self)
    }

    @Test(arguments: [
        #"{"operationId": "a", "security": []}"#, #"{"operationId": "a", "x-mayfly-access": "session"}"#,
        #"{"operationId": "a", "x-mayfly-access": "session", "security": []}"#,
        #"{"operationId": "a", "x-mayfly-access": "anyone", "security": [{"session": []}]}"#,
        #"{"operationId": "a", "x-mayfly-access": "everybody", "security": [{"session": []}]}"#,
        #"{"operationId": "a", "x-mayfly-access": "session", "security": [{"session": []}]}"#,
        #"{"operationId": "a", "x-mayfly-access": "session", "x-mayfly-others": "none", "security": [{"session": []}]}"#,
        #"{"operationId": "a", "x-mayfly-access": "session", "x-mayfly-others": "seen", "security": [{"session": []}]}"#,
        #"{"operationId": "a", "x-mayfly-access": "capability:a", "x-mayfly-others": "hidden", "security": [{"session": []}]}"#,
    ])
    func `an operation that does not say whom it is for fails the table`(_ text: String) throws {
        let operation = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        #expect(throws: DocumentedOperation.Unclear.self) {
            try DocumentedOperation(path: "/a/{id}", method: "GET", operation)
        }
    }

    /// What a request may be about: a user, their session, a grant or a request for one.
    private struct Owned {
        var user = ""
        /// Its serial.
        var session = ""
        var access = DocumentedOperation.unknownID
    }

    /// Where there is a rule for what is others': a query and a body that ask for it, whole but for what it is about.
    private static let requestForOthers: [String: @Sendable (Owned) -> (query: String, body: String?)] = [
        "listCertificates": { ("?user=\($0.user)", nil) },
        "listSessions": { ("?user=\($0.user)", nil) },
        "revokeCertificates": { ("", #"{"serial":"\#($0.session)","kind":"session","reason":"test"}"#) },
        "endSessions": { ("", #"{"user":"\#($0.user)"}"#) },
        "issueSSHCertificate": { ("", #"{"role":"rescue","public_key":"\#(sshKey)","grant":"\#($0.access)"}"#) },
        "issueSSHHostCertificate": {
            ("", #"{"role":"rescue","public_key":"\#(sshKey)","host":"localhost","grant":"\#($0.access)"}"#)
        },
        "issueX509Certificate": { ("", #"{"role":"rescue","csr":\#(csr),"grant":"\#($0.access)"}"#) },
        "requestAccess": { ("", #"{"extends":"\#($0.access)","duration":60,"reason":"x"}"#) },
        "listAccessRequests": { _ in ("", nil) },
        "listGrants": { _ in ("", nil) },
        "getAccessRequest": { _ in ("", nil) },
        "approveAccess": { _ in ("", "{}") },
        "denyAccess": { _ in ("", #"{"note":"x"}"#) },
        "cancelAccess": { _ in ("", "{}") },
        "reviewAccess": { _ in ("", #"{"verdict":"fine","note":"x"}"#) },
        "endGrant": { _ in ("", "{}") },
        "revokeGrant": { _ in ("", #"{"note":"x"}"#) },
    ]

    private static let sshKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    /// For `CN=rescue`, as JSON.
    private static let csr = #"""
        "-----BEGIN CERTIFICATE REQUEST-----\nMIHKMHMCAQAwETEPMA0GA1UEAwwGcmVzY3VlMFkwEwYHKoZIzj0CAQYIKoZIzj0D\nAQcDQgAE7JMiqqFfzt/iChFYji1fp8AsJ9VF+CFGf/yZKrpHm3K9fHKxnbgYeJpS\nm9LDM41z80GZ0QsOhPlc+Q511Hn/hKAAMAoGCCqGSM49BAMCA0cAMEQCIAtKDbaD\n6e+QysXxujnBmGubbBTonhLC6VwVZiNwq1c5AiAhyNSBffKQj1btHmoaidW3LIHO\n/218A3jfMoeW1YycYw==\n-----END CERTIFICATE REQUEST-----\n"
        """#

    private static func send(
        _ operation: DocumentedOperation, about owned: Owned, _ caller: Caller, _ certificate: Impostor.Credential
    ) async throws -> Caller.Reply {
        let request = try #require(requestForOthers[operation.id], "no request for what is others': \(operation)")
        let (query, body) = request(owned)
        return try await caller.call(
            operation.method, operation.path(of: owned.access) + query, body: body, certificate: certificate)
    }

    // MARK: What is expected

    private static func check(
        _ reply: Caller.Reply, _ operation: DocumentedOperation, _ refusal: Refusal, nobody: Caller.Reply, _ what: String
    ) {
        switch refusal {
        case .handshake(let alert):
            #expect(reply.status == 0, "\(what)")
            #expect(reply.errors.contains(alert), "\(what): \(reply.errors)")
        case .unauthenticated(let words):
            if operation.access == .anyone {
                // What is open to anyone asks nobody who they are. Its limits may be reached meanwhile.
                let same = reply.status == nobody.status && reply.problem == nobody.problem
                #expect(same || reply.status == 429 || nobody.status == 429, "\(what): \(reply.status) \(reply.problem)")
                #expect(operation.statuses.contains(reply.status), "\(what): \(reply.status)")
            } else {
                #expect(reply.status == 401 && operation.statuses.contains(401), "\(what): \(reply.status)")
                #expect(reply.problem == "not-authenticated", "\(what): \(reply.problem)")
                let words = operation.access == .machine ? "this needs the certificate of a machine" : words
                #expect(reply.detail == words, "\(what): \(reply.detail)")
            }
        case .workload(let words):
            guard operation.access == .machine else {
                let refusal = Refusal.unauthenticated("the client certificate belongs to no session")
                return check(reply, operation, refusal, nobody: nobody, what)
            }
            guard let words else { return expectAllowed(reply, operation, what) }
            #expect(reply.status == 401 && operation.statuses.contains(401), "\(what): \(reply.status)")
            #expect(reply.problem == "enrolment-refused" && reply.detail == words, "\(what): \(reply.detail)")
        }
    }

    private static func expectDenied(
        _ reply: Caller.Reply, _ operation: DocumentedOperation, _ capability: String, _ what: String
    ) {
        #expect(reply.status == 403 && operation.statuses.contains(403), "\(what): \(reply.status)")
        #expect(reply.problem == "denied", "\(what): \(reply.problem)")
        #expect(reply.detail.contains("`\(capability)`"), "\(what): \(reply.detail)")
    }

    /// Most requests of the table are empty, so that a call that was let through may well be refused for its content.
    private static func expectAllowed(_ reply: Caller.Reply, _ operation: DocumentedOperation, _ what: String) {
        #expect(reply.status != 401 && reply.status != 403, "\(what): \(reply.detail)")
        #expect(operation.statuses.contains(reply.status), "\(what): \(reply.status) is not documented")
    }

    // MARK: The service and its callers

    private static func name(_ person: String) -> String { person + "@example.com" }

    private static func send(
        _ operation: DocumentedOperation, _ caller: Caller, _ certificate: Impostor.Credential?, _ headers: [String] = [],
        patiently: Bool = false
    ) async throws -> Caller.Reply {
        while true {
            let reply = try await caller.call(
                operation.method, operation.calledPath, body: operation.hasBody ? "{}" : nil, headers: headers,
                withSession: false, certificate: certificate)
            // Tokens that fail are limited by address, and all of them come from here.
            guard patiently, reply.status == 429, operation.takesTokens else { return reply }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    /// Ada may do everything; whoever is called `without.…` everything else.
    private static func open(
        _ operations: [DocumentedOperation], _ people: [MayflyCA.Person], settings: [String: String] = [:],
        _ body: (Caller) async throws -> Void
    ) async throws {
        let capabilities = DocumentedOperation.capabilities(of: operations)
        var roles = "  administrator: {capabilities: [\(capabilities.joined(separator: ", "))]}\n"
        var rules = "  - {id: ada, who: {users: [\(MayflyCA.administrator)]}, roles: [administrator]}\n"
        for (number, missing) in capabilities.enumerated() {
            let rest = capabilities.filter { $0 != missing }.joined(separator: ", ")
            roles += "  almost-\(number): {capabilities: [\(rest)]}\n"
            rules += "  - {id: almost-\(number), who: {users: [\(name("without." + missing))]}, roles: [almost-\(number)]}\n"
        }
        let folder = try TemporaryDirectory()
        defer { folder.close() }
        try folder.write(
            """
            version: 1
            zones: {lab: {hosts: [localhost]}}
            roles:
              namesake: {x509: {usage: [client], common_name: \(MayflyCA.administrator)}}
              asked: {ssh: {logins: [deploy], zones: [lab]}}
              rescue: {ssh: {logins: [root], zones: [lab]}, x509: {usage: [client], common_name: rescue}}
              machine: {x509: {usage: [server], dns: [machine.example.com]}}
            \(roles)allow:
              - {id: machines, who: {provider: machines}, roles: [machine], lifetime: {max: 1h}}
              - {id: asks, who: {everyone: true}, roles: [asked], lifetime: {max: 1h}, approval: {steps: [{by: {groups: [admins]}}]}}
              - {id: breaks-glass, who: {everyone: true}, roles: [rescue], lifetime: {max: 1h}, approval: {review: {by: {groups: [admins]}, within: 1d}}}
              - {id: names, who: {everyone: true}, roles: [namesake], lifetime: {max: 1h}}
            \(rules)
            """, to: "policy.yaml")
        try await MayflyCA.withSession(.init(policies: folder.path, settings: settings, people: people), body)
    }

    /// Logins from one address are limited, and all of them come from here.
    private static func logIn(_ ca: MayflyCA, _ name: String) async throws {
        for _ in 0..<10 {
            do {
                return try await ca.logIn(as: name)
            } catch let error where "\(error)".contains("too many requests") {
                try await Task.sleep(for: .seconds(2))
            }
        }
        try await ca.logIn(as: name)
    }

    private static func sessionFile(_ ca: MayflyCA, _ name: String) throws -> String {
        let servers = ca.home(of: name) + "/mayfly/servers"
        let server = try #require(try FileManager.default.contentsOfDirectory(atPath: servers).first)
        return "\(servers)/\(server)/session.pem"
    }

    /// As in the inventory.
    private static func serial(of certificate: String) async throws -> String {
        try await run("openssl", ["x509", "-in", certificate, "-noout", "-serial"]).checked().stdout
            .dropFirst("serial=".count).lowercased().trimmingCharacters(in: .newlines)
    }

    /// Changes the database of the running service, as no request can.
    private static func change(_ ca: MayflyCA, _ statement: String, _ argument: String) async throws {
        let script = """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1], timeout=20)
            with database:
                assert database.execute(sys.argv[2], [sys.argv[3]]).rowcount == 1
            """
        try await run(
            "python3", ["-c", script, ca.caDirectory + "/state/mayfly.sqlite", statement, argument]
        ).checked()
    }
}
