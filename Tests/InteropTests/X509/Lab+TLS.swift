// SPDX-License-Identifier: Apache-2.0

import TestSupport

extension Lab {
    /// A real nginx that lets in the clients of the workload CA.
    func nginx(_ server: Credential, _ extraLines: [String] = []) async throws -> NginxServer {
        try await NginxServer(
            .init(
                certificate: server.chain, key: server.key, clientAuthorities: try await exportedFile("bundle"),
                extraLines: extraLines))
    }

    /// A real PostgreSQL that lets in the clients of the workload CA.
    func postgres(_ server: Credential, roles: [String]) async throws -> PostgreSQLServer {
        try await PostgreSQLServer(
            .init(
                certificate: server.chain, key: server.key, clientAuthorities: try await exportedFile("bundle"), roles: roles))
    }

    /// Asks the CA itself, by curl, who one is; nobody without certificate.
    func whoami(_ credential: Credential? = nil) async throws -> ProcessResult {
        var arguments = [
            "-q", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60", "--cacert",
            try await exportedFile("service"), "--write-out", "\n%{http_code}\n",
        ]
        if let credential { arguments += ["--cert", credential.chain, "--key", credential.key] }
        return try await run("curl", arguments + [ca.url + "/v1/whoami"])
    }
}
