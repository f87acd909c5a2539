// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// nginx and PostgreSQL, with nothing of ours but the CA certificates, let the right clients in.
@Suite(.timeLimit(.minutes(10)))
struct TLSServerTests {
    @Test func `nginx lets in clients of the workload CA and no other`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let (server, root) = (try await lab.x509("server", ["--name", "localhost"]), try await lab.exportedFile("root"))
            try await serving(try await lab.nginx(server)) { nginx in
                func get(_ credential: Lab.Credential?) async throws -> NginxServer.Reply {
                    try await nginx.get(trusting: root, certificate: credential?.chain, key: credential?.key)
                }
                let client = try await get(try await lab.x509("client"))
                #expect(client.status == 200, "\(client.errors)\(nginx.log)")
                #expect(client.body.contains("verify=SUCCESS dn=CN=\(lab.login) "))
                #expect(try await get(try await lab.x509("both")).status == 200)

                #expect(try await get(nil).status == 400)
                #expect(try await get(server).status == 400)
                #expect(nginx.log.contains("unsuitable certificate purpose"))

                let brief = try await lab.x509("client", ["--lifetime", "1s"])
                try await Task.sleep(for: .seconds(2))
                #expect(try await get(brief).status == 400)
                #expect(nginx.log.contains("certificate has expired"))

                try await Lab.openAnother(policy: TestPolicy.x509) { other in
                    let refused = try await get(try await other.x509("client"))
                    #expect(refused.status == 400)
                }
            }
        }
    }

    @Test func `PostgreSQL lets in clients of the workload CA under the name in the certificate`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let server = try await lab.x509("server", ["--name", "localhost"])
            let root = try await lab.exportedFile("root")
            let other = lab.login + "_other"
            try await serving(try await lab.postgres(server, roles: [lab.login, other])) { postgres in
                func logIn(_ credential: Lab.Credential?, as role: String? = nil) async throws -> ProcessResult {
                    try await postgres.psql(
                        "select current_user", role: role ?? lab.login, trusting: root, certificate: credential?.chain,
                        key: credential?.key)
                }
                let client = try await lab.x509("client")
                let session = try await logIn(client)
                #expect(session.stdout == lab.login + "\n", "\(session.stderr)")

                #expect(try await logIn(client, as: other).stderr.contains("authentication failed for user \"\(other)\""))
                #expect(try await logIn(nil).stderr.contains("requires a valid client certificate"))
                #expect(try await logIn(server).stderr.contains("unsupported certificate"))

                let brief = try await lab.x509("client", ["--lifetime", "1s"])
                try await Task.sleep(for: .seconds(2))
                #expect(try await logIn(brief).stderr.contains("certificate expired"))

                try await Lab.openAnother(policy: TestPolicy.x509) { foreign in
                    let refused = try await logIn(try await foreign.x509("client"))
                    #expect(!refused.succeeded)
                    #expect(refused.stderr.contains("unknown ca"), "\(refused.stderr)")
                }
            }
        }
    }

    @Test func `clients refuse a server with another name, or with the certificate of a client`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let (root, client) = (try await lab.exportedFile("root"), try await lab.x509("client"))
            let otherName = try await lab.x509("server", ["--name", "web1.lab.example.com"])
            try await serving(try await lab.nginx(otherName)) { nginx in
                let refused = try await nginx.get(trusting: root, certificate: client.chain, key: client.key)
                #expect(refused.status == nil)
                #expect(refused.errors.contains("no alternative certificate subject name matches"), "\(refused.errors)")
                let right = try await nginx.get(
                    host: "web1.lab.example.com", trusting: root, certificate: client.chain, key: client.key)
                #expect(right.status == 200)
            }
            try await serving(try await lab.nginx(client)) { nginx in
                let refused = try await nginx.get(trusting: root, certificate: client.chain, key: client.key)
                #expect(refused.status == nil)
                #expect(refused.errors.contains("unsuitable certificate purpose"), "\(refused.errors)")
            }
        }
    }
}
