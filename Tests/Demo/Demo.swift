// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// From nothing to logins that end by themselves: a CA, a real sshd, nginx and PostgreSQL that trust it, and credentials
/// of ten seconds; then somebody asks, somebody else agrees, and takes it back. Everything lies in a temporary directory and
/// ends with the demo.
@main
struct Demo {
    static func main() async {
        do {
            try await Demo().run()
        } catch {
            // Does not come back when the error is that a signal ends everything.
            Cleanup.stopAll()
            FileHandle.standardError.write(Data("\nmayfly-demo: error: \(error)\n".utf8))
            exit(1)
        }
        Cleanup.stopAll()
    }

    let narrator = Narrator()
    let login = CurrentUser.name
    let work: TemporaryDirectory

    private init() throws {
        // Servers that run as another user than the demo must reach their certificates.
        work = try TemporaryDirectory(mode: CurrentUser.isRoot ? 0o711 : 0o700)
    }

    private func run() async throws {
        narrator.step("a CA, in a temporary directory")
        let ca = try await MayflyCA(.init(people: [Self.contractor, Self.engineer]))
        defer { ca.directory.close() }
        narrator.command("mayfly init --dir ca --name Example --host localhost --policies policies")
        narrator.command("mayfly serve --dir ca")
        narrator.say("serving \(ca.url), service CA \(ca.fingerprint)")
        try await serving(ca, show)
    }

    private func show(_ ca: MayflyCA) async throws {
        narrator.step("the administrator logs in with an SSH key; the session is a certificate too")
        narrator.command("mayfly login \(ca.url) --fingerprint \(ca.fingerprint) --ssh-key admin_key")
        try await ca.logIn()
        narrator.say(try await mayfly(ca, ["roles"]))

        narrator.step("three servers that know nothing but a CA key: sshd, nginx, PostgreSQL")
        let trust = try await exported(from: ca)
        let sshd = try await startSSHD(ca, trust)
        try await serving(sshd) { sshd in
            let server = try await serverCertificate(ca)
            let nginx = try await NginxServer(
                .init(certificate: server.chain, key: server.key, clientAuthorities: trust.bundle))
            try await serving(nginx) { nginx in
                let postgres = try await PostgreSQLServer(
                    .init(certificate: server.chain, key: server.key, clientAuthorities: trust.bundle, roles: [login]))
                try await serving(postgres) { postgres in
                    narrator.say("sshd on port \(sshd.port), nginx on \(nginx.port), PostgreSQL on \(postgres.port)")
                    try await logInEverywhere(ca, trust, sshd, nginx, postgres)
                }
            }
        }

        try await askApproveEnd(ca)

        narrator.step("what happened, from the audit log")
        narrator.command("mayfly audit verify && mayfly audit tail")
        narrator.say(try await mayfly(ca, ["audit", "verify"], showing: false))
        narrator.say(try await mayfly(ca, ["audit", "tail", "-n", "100"], showing: false))
    }

    private func logInEverywhere(
        _ ca: MayflyCA, _ trust: Trust, _ sshd: SSHServer, _ nginx: NginxServer, _ postgres: PostgreSQLServer
    ) async throws {
        narrator.step("credentials for ten seconds")
        let key = work.file("id")
        let started = ContinuousClock.now
        try await mayfly(
            ca, ["issue", "ssh", "--role", "lab-shell", "--host", "localhost", "--lifetime", "10s", "--out", key])
        let web = try await clientCertificate(ca, role: "lab-web")
        let database = try await clientCertificate(ca, role: "lab-db")

        func ssh() async throws -> ProcessResult {
            try await sshd.ssh(
                key: key, certificate: key + "-cert.pub", as: login, trusting: .authority(trust.sshHostCA, name: "localhost"))
        }
        func get() async throws -> NginxServer.Reply {
            try await nginx.get(trusting: trust.root, certificate: web.chain, key: web.key)
        }
        func select() async throws -> ProcessResult {
            try await postgres.psql(
                "select current_user", role: login, trusting: trust.root, certificate: database.chain, key: database.key)
        }

        narrator.step("they open every door")
        let shell = try await ssh()
        narrator.command("ssh -i id \(login)@localhost id -un")
        narrator.say(shell.stdout + shell.stderr)
        try narrator.expect(shell.stdout == login + "\n", "sshd lets \(login) in")
        let session = try await openSession(sshd, key, trust)
        let page = try await get()
        narrator.command("curl --cert web/chain.pem --key web/key.pem https://localhost:\(nginx.port)/")
        narrator.say(page.body + page.errors)
        try narrator.expect(page.status == 200, "nginx answers")
        let row = try await select()
        narrator.command("psql 'sslcert=db/chain.pem sslkey=db/key.pem' -c 'select current_user'")
        narrator.say(row.stdout + row.stderr)
        try narrator.expect(row.stdout == login + "\n", "PostgreSQL lets \(login) in")

        narrator.step("what is in them")
        narrator.command("ssh-keygen -L -f id-cert.pub")
        narrator.say(try await TestSupport.run("ssh-keygen", ["-L", "-f", key + "-cert.pub"]).checked().stdout)
        narrator.command("openssl x509 -in web/cert.pem -noout -subject -enddate -ext subjectAltName,extendedKeyUsage")
        narrator.say(
            try await TestSupport.run(
                "openssl",
                ["x509", "-in", web.leaf, "-noout", "-subject", "-enddate", "-ext", "subjectAltName,extendedKeyUsage"]
            ).checked().stdout)

        narrator.step("nobody does anything; the credentials end by themselves")
        try await narrator.wait(.seconds(12) - started.duration(to: .now), "until they have expired")
        let lateShell = try await ssh()
        narrator.say(lateShell.stderr)
        try narrator.expect(!lateShell.succeeded && sshd.log.contains("Certificate invalid: expired"), "sshd refuses: expired")
        let latePage = try await get()
        narrator.say(latePage.body.contains("SSL certificate error") ? "400: The SSL certificate error" : latePage.body)
        try narrator.expect(latePage.status != 200 && nginx.log.contains("certificate has expired"), "nginx refuses: expired")
        let lateRow = try await select()
        narrator.say(lateRow.stderr)
        try narrator.expect(!lateRow.succeeded && lateRow.stderr.contains("expired"), "PostgreSQL refuses: expired")
        narrator.say("An SSH session that was already open is not ended by expiry:")
        try narrator.expect(session.isRunning, "the session opened before is still there")
        await session.stop()
    }
}
