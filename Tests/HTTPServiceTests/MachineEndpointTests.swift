// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import TestSupport
import Testing

/// Machines without a session, as anybody might try to be one; by curl and openssl alone.
@Suite struct MachineEndpointTests {
    private static let policy = """
        version: 1
        roles:
          web: {x509: {usage: [server], dns: ["*.example.com"]}}
          gatekeeper: {capabilities: [tokens.create, certificates.revoke]}
        allow:
          - {id: machines-renew, who: {provider: machines}, roles: [web], lifetime: {default: 1h, max: 1h}}
          - {id: ada, who: {users: [\(MayflyCA.administrator)]}, roles: [gatekeeper]}
        """

    private static func open(_ body: (Caller) async throws -> Void) async throws {
        let folder = try TemporaryDirectory()
        defer { folder.close() }
        try folder.write(policy, to: "policy.yaml")
        try await MayflyCA.withSession(.init(policies: folder.path), body)
    }

    /// A key, and the requests it signs.
    private struct Machine {
        let caller: Caller
        let key: String
        private let id = UInt32.random(in: .min ... .max)

        /// - Parameter algorithm: arguments of `openssl genpkey`.
        init(_ caller: Caller, _ algorithm: [String] = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]) async throws
        {
            self.caller = caller
            key = caller.ca.directory.file("machine-\(id).key")
            try await run("openssl", ["genpkey", "-out", key] + algorithm).checked()
        }

        func csr(_ names: [String]) async throws -> String {
            let names = names.map { "DNS:" + $0 }.joined(separator: ",")
            return try await run(
                "openssl",
                ["req", "-new", "-key", key, "-subj", "/"] + (names.isEmpty ? [] : ["-addext", "subjectAltName=" + names])
            ).checked().stdout
        }

        func enrol(_ token: String, _ names: [String], role: String = "web") async throws -> Caller.Reply {
            try await caller.call(
                "POST", Paths.machineEnrolment, body: json(["token": token, "role": role, "csr": try await csr(names)]),
                withSession: false)
        }

        /// - Parameter chain: of what is to be renewed, PEM.
        func renew(
            _ chain: String, _ names: [String], role: String = "web", key other: Machine? = nil, headers: [String] = []
        ) async throws -> Caller.Reply {
            let file = try caller.ca.directory.write(chain, to: "machine-\(id).pem")
            return try await caller.call(
                "POST", Paths.machineRenewal, body: json(["role": role, "csr": try await (other ?? self).csr(names)]),
                headers: headers, certificate: (file, key))
        }

        private func json(_ document: [String: Any]) throws -> String {
            String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)
        }
    }

    private func token(_ caller: Caller, _ names: [String]) async throws -> String {
        let reply = try await caller.post(Paths.enrolmentTokens, ["role": "web", "names": names])
        #expect(reply.status == 201, "\(reply.detail)")
        #expect(reply.json["names"] as? [String] == names && reply.json["host"] == nil)
        return try #require(reply.json["token"] as? String)
    }

    @Test func `a token is cancelled by whoever may make one, once`() async throws {
        try await Self.open { caller in
            let created = try await caller.post(Paths.enrolmentTokens, ["role": "web", "names": ["web1.example.com"]])
            let id = try #require(created.json["id"] as? String)
            let open = try await caller.call("GET", Paths.enrolmentTokens)
            let listed = try #require((open.json["tokens"] as? [[String: Any]])?.first)
            #expect(
                listed["id"] as? String == id && listed["created_by"] as? String == "local/\(MayflyCA.administrator)",
                "\(listed)")
            #expect(!open.text.contains("mayfly-enrol-"))
            let cancelled = try await caller.post(Paths.enrolmentTokenCancellations, ["id": id, "reason": "mailed to a list"])
            #expect(cancelled.status == 200 && cancelled.json["token"] == nil, "\(cancelled.detail)")
            #expect(cancelled.json["names"] as? [String] == ["web1.example.com"] && cancelled.json["id"] as? String == id)
            let again = try await caller.post(Paths.enrolmentTokenCancellations, ["id": id, "reason": "again"])
            #expect(again.status == 404 && again.detail.contains("there is no enrolment token `\(id)`"), "\(again.detail)")
            #expect((try await caller.call("GET", Paths.enrolmentTokens).json["tokens"] as? [Any])?.isEmpty == true)
        }
    }

    private func chain(_ reply: Caller.Reply) throws -> String {
        try #require(reply.json["certificate"] as? String) + (reply.json["chain"] as? String ?? "")
    }

    /// TLS servers have certificates that are not for clients, of whatever keys.
    @Test(arguments: [
        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
        ["-algorithm", "ED25519"], ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
    ])
    func `a machine enrols and renews, whatever its key`(_ algorithm: [String]) async throws {
        try await Self.open { caller in
            let machine = try await Machine(caller, algorithm)
            let enrolled = try await machine.enrol(try await token(caller, ["web*.example.com"]), ["web1.example.com"])
            #expect(enrolled.status == 201, "\(enrolled.detail)")
            #expect(enrolled.json["rule"] as? String == "machines-renew")
            let renewed = try await machine.renew(try chain(enrolled), ["web1.example.com"])
            #expect(renewed.status == 201, "\(renewed.detail)\(renewed.errors)")
            #expect(renewed.json["serial"] as? String != enrolled.json["serial"] as? String)
            let again = try await machine.renew(try chain(renewed), ["web1.example.com"])
            #expect(again.status == 201, "\(again.detail)\(again.errors)")
            // The secret is in the reply and in no log.
            #expect(!caller.ca.log.contains("mayfly-enrol-"))
        }
    }

    @Test func `what is not the machine's renews nothing`() async throws {
        try await Self.open { caller in
            let machine = try await Machine(caller)
            let secret = try await token(caller, ["web1.example.com", "web2.example.com"])
            let enrolled = try await machine.enrol(secret, ["web1.example.com"])
            #expect(enrolled.status == 201, "\(enrolled.detail)")
            let again = try await machine.enrol(secret, ["web1.example.com"])
            #expect(again.status == 201 && again.json["serial"] as? String == enrolled.json["serial"] as? String)
            let used = try await Machine(caller).enrol(secret, ["web1.example.com"])
            #expect(used.status == 401 && used.problem == "enrolment-refused")
            #expect(used.detail == "the enrolment token was used already")

            let own = try chain(enrolled)
            let key = "0123456789abcdef"
            let first = try await machine.renew(own, ["web1.example.com"], headers: ["Idempotency-Key: \(key)"])
            let table: [(what: String, reply: Caller.Reply, status: Int, problem: String)] = [
                (
                    "more names", try await machine.renew(own, ["web1.example.com", "web2.example.com"]), 401,
                    "enrolment-refused"
                ),
                ("no names", try await machine.renew(own, []), 401, "enrolment-refused"),
                (
                    "another role", try await machine.renew(own, ["web1.example.com"], role: "gatekeeper"), 401,
                    "enrolment-refused"
                ),
                (
                    "an idempotency key for another request",
                    try await machine.renew(
                        own, ["web1.example.com"], key: try await Machine(caller), headers: ["Idempotency-Key: \(key)"]), 422,
                    "idempotency-key-reused"
                ),
            ]
            for (what, reply, status, problem) in table {
                #expect(reply.status == status && reply.problem == problem, "\(what): \(reply.status) \(reply.detail)")
            }
            #expect(first.status == 201, "\(first.detail)")

            // A session is no machine, a machine has no session, and a forged request is none.
            let session = try await caller.post(Paths.machineRenewal, ["role": "web", "csr": "x"])
            #expect(session.status == 401 && session.detail == "this needs the certificate of a machine")
            let chainFile = try caller.ca.directory.write(own, to: "own.pem")
            for (body, status) in [
                ("", 400), ("{}", 400), (#"{"role":"web","csr":"x"}"#, 422), (#"{"role":"web","csr":"x","a":1}"#, 400),
            ] {
                let reply = try await caller.call(
                    "POST", Paths.machineRenewal, body: body, certificate: (chainFile, machine.key))
                #expect(reply.status == status, "\(body): \(reply.status) \(reply.detail)")
            }
            let roles = try await caller.call("GET", Paths.roles, certificate: (chainFile, machine.key))
            #expect(roles.status == 401 && roles.detail == "the client certificate belongs to no session")

            // One of them is revoked: none is renewed, and the way to say so is the enrolment.
            let listed = try await caller.post(
                Paths.revocations, ["serial": first.json["serial"] as? String ?? "", "reason": "key stolen"])
            #expect(listed.status == 200, "\(listed.detail)")
            let revoked = (listed.json["certificates"] as? [[String: Any]])?.first
            let enrolment = try #require(revoked?["enrolment"] as? String)
            let refused = try await machine.renew(own, ["web1.example.com"])
            #expect(refused.status == 401 && refused.detail.contains("the enrolment has ended"), "\(refused.detail)")
            let ended = try await caller.post(Paths.revocations, ["enrolment": enrolment, "reason": "key stolen"])
            #expect(ended.json["count"] as? Int == 1, "\(ended.text)")
            let last = try await machine.renew(own, ["web1.example.com"])
            #expect(last.status == 401 && last.detail == "the certificate that was shown was revoked")
        }
    }

    /// Resumed handshakes show no certificate: what was verified in the first counts, and no more than that.
    @Test func `a resumed connection is who the first one was`() async throws {
        try await Self.open { caller in
            let machine = try await Machine(caller)
            let enrolled = try await machine.enrol(try await token(caller, ["web1.example.com"]), ["web1.example.com"])
            let chain = try caller.ca.directory.write(try chain(enrolled), to: "resumed.pem")
            let session = try caller.session(of: MayflyCA.administrator)
            let script = """
                import http.client, ssl, sys
                port, authority, certificate, key = sys.argv[1:]
                context = ssl.create_default_context(cafile=authority)
                context.load_cert_chain(certificate, key)
                class Connection(http.client.HTTPSConnection):
                    def connect(self):
                        http.client.HTTPConnection.connect(self)
                        self.sock = context.wrap_socket(self.sock, server_hostname="localhost", session=earlier)
                earlier = None
                for _ in range(2):
                    connection = Connection("localhost", int(port))
                    connection.request("GET", "/v1/whoami")
                    reply = connection.getresponse()
                    reply.read()
                    print(reply.status, connection.sock.session_reused if connection.sock else None)
                    earlier = connection.sock.session
                """
            for (certificate, key, status) in [(session, session, 200), (chain, machine.key, 401)] {
                let answered = try await run(
                    "python3",
                    [
                        "-c", script, String(caller.ca.url.split(separator: ":").last ?? ""),
                        caller.ca.caDirectory + "/public/service.pem", certificate, key,
                    ]
                ).checked()
                #expect(answered.stdout == "\(status) False\n\(status) True\n", "\(answered.stdout)\(answered.stderr)")
            }
        }
    }

    @Test func `a token names a host or a machine`() async throws {
        try await Self.open { caller in
            let table: [([String: Any], Int)] = [
                (["role": "web"], 400), (["role": "web", "host": "web1.example.com", "names": ["web1.example.com"]], 400),
                (["role": "web", "names": []], 422), (["role": "web", "names": ["Web1.example.com"]], 422),
                (["role": "web", "names": ["web1.example.com"], "lifetime": 0], 422),
                (["role": "web", "host": "web1.example.com"], 422),
                (["role": "gatekeeper", "names": ["web1.example.com"]], 422),
                (["role": "nobody", "names": ["web1.example.com"]], 422),
            ]
            for (request, status) in table {
                let reply = try await caller.post(Paths.enrolmentTokens, request)
                #expect(reply.status == status, "\(request): \(reply.status) \(reply.detail)")
            }
        }
    }
}
