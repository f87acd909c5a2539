// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Real servers whose files mayfly keeps up to date.
@Suite(.timeLimit(.minutes(10)))
struct ServerSyncTests {
    /// `mayfly …` of the administrator that runs until `body` returns.
    private func running(
        _ lab: Lab, _ arguments: [String], _ body: (BackgroundProcess) async throws -> Void
    ) async throws {
        let process = try await BackgroundProcess(
            "mayfly", MayflyCA.binary, arguments,
            environment: ["HOME": lab.ca.home, "MAYFLY_HOME": lab.ca.home + "/mayfly"], directory: lab.work.path,
            logPath: lab.work.file("sync-\(UInt32.random(in: .min ... .max)).log"))
        try await serving(process, body)
    }

    private func serial(of path: String) async throws -> String {
        try await run("openssl", ["x509", "-in", path, "-noout", "-serial"]).checked().stdout
            .trimmingCharacters(in: .whitespacesAndNewlines).lowercased().replacing("serial=", with: "")
    }

    @Test func `nginx, HAProxy and PostgreSQL refuse a client seconds after it was revoked, and let the others in`()
        async throws
    {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            // PostgreSQL reads as its own user.
            let shared = try TemporaryDirectory(mode: 0o711)
            defer { shared.close() }
            let lists = shared.file("crl.pem")
            try await lab.mayfly(["ca", "sync", "--crl-file", lists, "--once"])
            let (root, bundle) = (try await lab.exportedFile("root"), try await lab.exportedFile("bundle"))
            let server = try await lab.x509("server", ["--name", "localhost", "--combined"])
            let (bad, good) = (try await lab.x509("client"), try await lab.x509("client"))

            let combined = URL(filePath: server.chain).deletingLastPathComponent().path + "/combined.pem"
            let nginx = try await lab.nginx(server, ["ssl_crl \(lists);"])
            let haproxy = try await HAProxyServer(combined: combined, clientAuthorities: bundle, revocationList: lists)
            let postgres = try await PostgreSQLServer(
                .init(
                    certificate: server.chain, key: server.key, clientAuthorities: bundle, roles: [lab.login],
                    extraLines: ["ssl_crl_file = '\(lists)'"]))
            try await serving(nginx) { nginx in
                try await serving(haproxy) { haproxy in
                    try await serving(postgres) { postgres in
                        func letIn(_ client: Lab.Credential) async throws -> [Bool] {
                            let first = try await nginx.get(trusting: root, certificate: client.chain, key: client.key)
                            let second = try await haproxy.get(trusting: root, certificate: client.chain, key: client.key)
                            let third = try await postgres.psql(
                                "select 1", role: lab.login, trusting: root, certificate: client.chain, key: client.key)
                            return [first.status == 200, second.stdout == "dn=\(lab.login)\n", third.stdout == "1\n"]
                        }
                        #expect(try await letIn(bad) == [true, true, true], "\(nginx.log)\(haproxy.log)\(postgres.log)")
                        let command = "kill -HUP \(nginx.processID) \(postgres.processID) && kill -USR2 \(haproxy.processID)"
                        try await running(lab, ["ca", "sync", "--crl-file", lists, "--reload-with", command]) { sync in
                            try await eventually("not reloaded") { sync.log.contains("made the server read its files") }
                            try await lab.mayfly(
                                ["revoke", "--serial", try await serial(of: bad.leaf), "--kind", "x509", "--reason", "lost"])
                            try await eventually("\(sync.log)\(haproxy.log)") { try await letIn(bad) == [false, false, false] }
                            try await eventually("\(sync.log)") { try await letIn(good) == [true, true, true] }
                            #expect(nginx.log.contains("certificate revoked"))
                            #expect(postgres.log.contains("certificate verify failed"))
                            #expect(sync.log.contains("has new revocation lists until"))
                            #expect(!sync.log.contains("error:"), "\(sync.log)")
                        }
                    }
                }
            }
        }
    }

    @Test func `nginx serves certificates that are renewed under it, and never fails a client`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let folder = lab.work.file("tls")
            let server = Lab.Credential(folder: folder)
            let request = [
                "issue", "x509", "--role", "server", "--name", "localhost", "--out", folder, "--combined", "--lifetime", "60s",
            ]
            try await lab.mayfly(request + ["--renew-with", "true", "--once"])
            let (root, client) = (try await lab.exportedFile("root"), try await lab.x509("client"))
            let key = try String(contentsOfFile: server.key, encoding: .utf8)
            try await serving(try await lab.nginx(server)) { nginx in
                let command = "kill -HUP \(nginx.processID)"
                try await running(lab, request + ["--renew-with", command]) { sync in
                    var serials: Set<String> = []
                    let end = ContinuousClock.now + .seconds(300)
                    while serials.count < 3, ContinuousClock.now < end {
                        serials.insert(try await serial(of: server.leaf))
                        try await run("openssl", ["verify", "-CAfile", root, "-untrusted", server.chain, server.leaf]).checked()
                        let reply = try await nginx.get(trusting: root, certificate: client.chain, key: client.key)
                        #expect(reply.status == 200, "\(reply.errors)\(sync.log)")
                        try await Task.sleep(for: .milliseconds(100))
                    }
                    #expect(serials.count >= 3, "\(sync.log)")
                }
            }
            #expect(try String(contentsOfFile: server.key, encoding: .utf8) == key)
        }
    }

    @Test func `a session is opened again with a key, and the policy decides at each renewal`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let folder = lab.work.file("tls")
            let request = [
                "issue", "x509", "--role", "server", "--name", "localhost", "--out", folder, "--renew-with", "true", "--once",
                "--ssh-key", lab.ca.key(of: MayflyCA.administrator),
            ]
            try await lab.mayfly(["logout"])
            // Due after two thirds, and no later than after 15 seconds.
            try await lab.mayfly(request + ["--lifetime", "20s"])
            let issued = ContinuousClock.now
            let first = try await serial(of: folder + "/cert.pem")

            let policy = lab.work.file("policies/policy.yaml")
            try TestPolicy.x509.replacing("roles: [client, administrator-name, server,", with: "roles: [client, ")
                .write(toFile: policy, atomically: true, encoding: .utf8)
            try await lab.mayfly(["policy", "reload"])
            try await Task.sleep(until: issued + .seconds(15))
            let denied = try await lab.ca.mayfly(request)
            #expect(denied.status == 2, "\(denied.stderr)")
            #expect(try await serial(of: folder + "/cert.pem") == first)
            try TestPolicy.x509.write(toFile: policy, atomically: true, encoding: .utf8)
            try await lab.mayfly(["policy", "reload"])
            try await lab.mayfly(request)
            #expect(try await serial(of: folder + "/cert.pem") != first)
        }
    }

    @Test func `a unit of systemd runs the very command`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let unit = try await lab.mayfly([
                "issue", "x509", "--role", "server", "--out", "/srv/tls", "--renew-with", "echo 50% \"$HOME\"", "--print-unit",
            ]).stdout
            #expect(unit.contains(#""--renew-with" "echo 50%% \"$$HOME\"""#), "\(unit)")
            #expect(unit.contains("WantedBy=multi-user.target"))
            #expect(!unit.contains("print-unit\""))
            let timed = try await lab.mayfly([
                "ca", "sync", "--crl-file", "/srv/crl.pem", "--once", "--print-unit",
            ]).stdout
            #expect(timed.contains("Type=oneshot") && !timed.contains("[Install]"))
            for (name, text) in [("mayfly-tls.service", unit), ("mayfly-crl.service", timed)] {
                let file = try lab.work.write(text, to: name)
                if FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze") {
                    let verdict = try await run("systemd-analyze", ["verify", "--man=no", file])
                    #expect(verdict.succeeded && verdict.stderr.isEmpty, "\(verdict.stderr)")
                }
            }
        }
    }
}
