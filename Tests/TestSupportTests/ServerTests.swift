// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// Each real server lets the right credential in, refuses a wrong one, and is gone after `stop`.
@Suite(.timeLimit(.minutes(10)))
struct ServerTests {
    @Test func `sshd lets a certificate with the right principal in and no other`() async throws {
        let credentials = try await SSHCredentials()
        let good = try await credentials.userCertificate(principal: "ops")
        let bad = try await credentials.userCertificate(principal: "other")
        let server = try await SSHServer(
            .init(userCAKeys: [credentials.line("user_ca")], principals: [SSHServer.loginUser: ["ops"]]))
        try await serving(server) { server in
            let login = try await server.ssh(key: credentials.userKey, certificate: good)
            #expect(login.stdout == SSHServer.loginUser + "\n", "\(login.stderr)\(server.log)")
            #expect(server.log.contains("Accepted publickey for \(SSHServer.loginUser)"))

            let home = try await server.ssh(
                key: credentials.userKey, certificate: good, command: ["ls", "-A", "~;", "echo", "$HOME"])
            #expect(home.stdout.split(separator: "\n").count == 1)
            #expect(home.stdout.contains("/mayfly-"), "the session runs with a home that is not the user's")

            let refused = try await server.ssh(key: credentials.userKey, certificate: bad)
            #expect(refused.status == 255)
            #expect(server.log.contains("Certificate does not contain an authorized principal"))

            #expect(try await server.ssh(key: credentials.userKey).status == 255, "a bare key is not enough")

            try server.setPrincipals(["other"], for: SSHServer.loginUser)
            #expect(try await server.ssh(key: credentials.userKey, certificate: bad).succeeded)
        }
        expectGone(server.processID)
    }

    @Test func `sshd shows a host certificate, and the client insists on the right name`() async throws {
        let credentials = try await SSHCredentials()
        let certificate = try await credentials.userCertificate(principal: "ops")
        let server = try await SSHServer(
            .init(
                userCAKeys: [credentials.line("user_ca")], principals: [SSHServer.loginUser: ["ops"]],
                hostKey: credentials.hostKey, hostCertificate: try await credentials.hostCertificate(name: "web1.example")))
        try await serving(server) { server in
            let authority = try credentials.line("host_ca")
            let right = try await server.ssh(
                key: credentials.userKey, certificate: certificate, trusting: .authority(authority, name: "web1.example"))
            #expect(right.succeeded, "\(right.stderr)")
            let wrong = try await server.ssh(
                key: credentials.userKey, certificate: certificate, trusting: .authority(authority, name: "web2.example"))
            #expect(wrong.status == 255)
            #expect(wrong.stderr.contains("Host key verification failed"))
        }
    }

    @Test func `sshd refuses a key that its revocation list names`() async throws {
        let credentials = try await SSHCredentials()
        let certificate = try await credentials.userCertificate(principal: "ops")
        try await credentials.keygen("-k", "-f", "revoked", "user.pub")
        let server = try await SSHServer(
            .init(
                userCAKeys: [credentials.line("user_ca")], principals: [SSHServer.loginUser: ["ops"]],
                revokedKeys: credentials.directory.file("revoked")))
        try await serving(server) { server in
            let refused = try await server.ssh(key: credentials.userKey, certificate: certificate)
            #expect(refused.status == 255)
            #expect(server.log.contains("revoked by file"))
        }
    }

    /// The mark is on the client's command line at once, and on the session's once it is open.
    @Test(arguments: [1, 2])
    func `a session ends when sshd is stopped, whether it is open or only being opened`(processCount: Int) async throws {
        let credentials = try await SSHCredentials()
        let certificate = try await credentials.userCertificate(principal: "ops")
        let mark = "3" + String(UInt32.random(in: 100_000_000 ... .max))
        let server = try await SSHServer(
            .init(userCAKeys: [credentials.line("user_ca")], principals: [SSHServer.loginUser: ["ops"]]))
        let session = try await BackgroundProcess(
            "ssh", "ssh", try server.clientArguments(key: credentials.userKey, certificate: certificate) + ["sleep", mark],
            logPath: credentials.directory.file("session.log"))
        try await session.waitUntilReady { try processes(mentioning: mark).count >= processCount }
        await server.stop()
        #expect(try await session.status(within: .seconds(60)) == 255)
        #expect(try processes(mentioning: mark).isEmpty)
    }

    @Test func `nginx lets a client of the CA in and no other`() async throws {
        let credentials = try await TLSCredentials()
        try await credentials.makeServer()
        try await credentials.makeClient("app")
        try await credentials.makeStranger("stranger")
        let server = try await NginxServer(
            .init(
                certificate: credentials.path("server.crt"), key: credentials.path("server.key"),
                clientAuthorities: credentials.authority))
        func get(_ name: String?) async throws -> NginxServer.Reply {
            try await server.get(
                trusting: credentials.authority, certificate: name.map { credentials.path($0 + ".crt") },
                key: name.map { credentials.path($0 + ".key") })
        }
        try await serving(server) { server in
            let login = try await get("app")
            #expect(login.status == 200, "\(login.errors)\(server.log)")
            #expect(login.body.hasPrefix("verify=SUCCESS dn=CN=app serial="))
            #expect(try await get("stranger").status == 400)
            #expect(server.log.contains("client SSL certificate verify error"))
            #expect(try await get(nil).status == 400)

            let distrusted = try await server.get(trusting: credentials.path("stranger.crt"))
            #expect(distrusted.status == nil)
            #expect(distrusted.errors.contains("certificate"))
        }
        expectGone(server.processID)
    }

    @Test func `PostgreSQL lets a client with the role's name in and no other`() async throws {
        let credentials = try await TLSCredentials()
        try await credentials.makeServer()
        for name in ["app", "other"] { try await credentials.makeClient(name) }
        try await credentials.makeStranger("stranger")
        let server = try await PostgreSQLServer(
            .init(
                certificate: credentials.path("server.crt"), key: credentials.path("server.key"),
                clientAuthorities: credentials.authority, roles: ["app", "stranger"], databases: ["shop"]))
        func query(_ statement: String = "select 1", role: String, with name: String?) async throws -> ProcessResult {
            try await server.psql(
                statement, role: role, database: "shop", trusting: credentials.authority,
                certificate: name.map { credentials.path($0 + ".crt") }, key: name.map { credentials.path($0 + ".key") })
        }
        try await serving(server) { server in
            try await server.administer("create table item as select 42 as id; grant select on item to app", database: "shop")
            let login = try await query("select current_user, id from item", role: "app", with: "app")
            #expect(login.stdout == "app|42\n", "\(login.stderr)\(server.log)")

            let wrongName = try await query(role: "app", with: "other")
            #expect(wrongName.status == 2)
            #expect(wrongName.stderr.contains("certificate authentication failed for user \"app\""))
            #expect(try await query(role: "stranger", with: "stranger").status == 2)
            #expect(try await query(role: "app", with: nil).stderr.contains("requires a valid client certificate"))
        }
        expectGone(server.processID)
    }

    @Test func `an agent holds a key for a while`() async throws {
        let credentials = try await SSHCredentials()
        let agent = try await SSHAgent()
        try await serving(agent) { agent in
            let added = try await agent.sshAdd(["-q", "-t", "600", credentials.userKey])
            #expect(added.succeeded, "\(added.stderr)")
            let (listed, line) = (try await agent.sshAdd(["-L"]).stdout, try credentials.line("user"))
            #expect(listed == line + "\n")
        }
        #expect(try await agent.sshAdd(["-L"]).status == 2)
        expectGone(agent.processID)
    }
}

private func expectGone(_ processID: Int32) {
    #expect(ProcessIdentity.descendants(of: processID).isEmpty)
    #expect(!Cleanup.leaks().contains { $0.processID == processID })
}
