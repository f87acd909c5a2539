// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The service CA and the workload CA never stand in for each other.
@Suite(.timeLimit(.minutes(10)))
struct TwoAuthoritiesTests {
    @Test func `a session opens no server that trusts the workload CA`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let server = try await lab.x509("server", ["--name", "localhost"])
            let root = try await lab.exportedFile("root")
            let session = try await lab.session()
            // A workload certificate of the same common name is let in: the CA makes the difference.
            let workload = try await lab.x509("administrator-name")
            try await serving(try await lab.nginx(server)) { nginx in
                let page = try await nginx.get(trusting: root, certificate: workload.chain, key: workload.key)
                #expect(page.body.contains("dn=CN=\(MayflyCA.administrator) "))
                #expect(try await nginx.get(trusting: root, certificate: session.chain, key: session.key).status == 400)
                #expect(nginx.log.contains("client SSL certificate verify error"))
            }
            try await serving(try await lab.postgres(server, roles: [MayflyCA.administrator])) { postgres in
                func logIn(_ credential: Lab.Credential) async throws -> ProcessResult {
                    try await postgres.psql(
                        "select 1", role: MayflyCA.administrator, trusting: root, certificate: credential.chain,
                        key: credential.key)
                }
                #expect(try await logIn(workload).stdout == "1\n")
                let refused = try await logIn(session)
                #expect(refused.stderr.contains("unknown ca"), "\(refused.stderr)")
            }
        }
    }

    @Test func `a workload certificate is no session, whatever name it has`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            #expect(try await lab.whoami(try await lab.session()).stdout.hasSuffix("\n200\n"))
            #expect(try await lab.whoami().stdout.hasSuffix("\n401\n"))
            for role in ["administrator-name", "both", "server"] {
                let names = role == "server" ? ["--name", "localhost"] : []
                let refused = try await lab.whoami(try await lab.x509(role, names))
                #expect(refused.stdout.hasSuffix("\n401\n"))
                #expect(refused.stdout.contains("the client certificate belongs to no session"), "\(refused.stdout)")
            }
        }
    }

    @Test func `a certificate one made oneself is no session`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let forger = try await Forger(lab)
            // Under a CA of the right name and another key.
            let forged = try await forger.certificate("clientAuth", by: try await forger.ownAuthority())
            let refused = try await lab.whoami(forged)
            #expect(refused.stdout == "\n000\n")
            #expect(refused.stderr.contains("alert"), "\(refused.stderr)")
        }
    }

    /// What even the holder of the service CA's key cannot do: the session is not on record, and the certificate of a
    /// server is none of a client.
    @Test func `what the service CA signed but never recorded is no session`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let forger = try await Forger(lab)
            let stolen = try await forger.stolenAuthority()
            let unknown = try await lab.whoami(try await forger.certificate("clientAuth", by: stolen))
            #expect(unknown.stdout.contains("the client certificate belongs to no session"))
            #expect(unknown.stdout.hasSuffix("\n401\n"))

            let real = try await run(
                "openssl", ["x509", "-in", try await lab.session().leaf, "-noout", "-serial"]
            ).checked().stdout
            let serial = real.dropFirst("serial=".count).trimmingCharacters(in: .newlines)
            let sameSerial = try await lab.whoami(try await forger.certificate("clientAuth", by: stolen, serial: serial))
            #expect(sameSerial.stdout.hasSuffix("\n401\n"), "its digest is another one")

            let server = try await lab.whoami(try await forger.certificate("serverAuth", by: stolen))
            #expect(server.stdout == "\n000\n")
            #expect(server.stderr.contains("alert certificate unknown"), "\(server.stderr)")
        }
    }

    @Test func `a workload server cannot pose as the CA`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            var server = try await lab.x509("server", ["--name", "localhost"])
            // It shows all there is to show: its own chain, and the service CA that clients look for.
            let all = try String(contentsOfFile: server.chain, encoding: .utf8) + (try await lab.exported("root")) + "\n"
            let folder = try lab.work.makeDirectory("impostor")
            try lab.work.write(all + (try await lab.exported("service")) + "\n", to: "impostor/chain.pem")
            try FileManager.default.copyItem(atPath: server.key, toPath: folder + "/key.pem")
            server = Lab.Credential(folder: folder)
            try await serving(try await lab.nginx(server, ["ssl_protocols TLSv1.3;"])) { nginx in
                let impostor = "https://localhost:\(nginx.port)"
                let login = [
                    "login", impostor, "--fingerprint", lab.ca.fingerprint, "--user", MayflyCA.administrator, "--ssh-key",
                    lab.ca.administratorKey,
                ]
                let home = try lab.work.makeDirectory("home")
                let refused = try await lab.ca.mayfly(login, home: home)
                #expect(refused.status == 1)
                #expect(refused.stderr.contains("cannot prove that it is the server you logged in to"), "\(refused.stderr)")

                // A client that is logged in there, as if the address had been taken over.
                let servers = lab.ca.home + "/mayfly/servers/"
                try FileManager.default.copyItem(
                    atPath: servers + lab.ca.url.dropFirst("https://".count), toPath: servers + "localhost:\(nginx.port)")
                let call = try await lab.ca.mayfly(["whoami", "--server", impostor])
                #expect(call.status == 1)
                #expect(call.stderr.contains("cannot prove that it is the server you logged in to"), "\(call.stderr)")
            }
        }
    }
}
