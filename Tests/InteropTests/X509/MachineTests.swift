// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Machines on which nobody logs in keep the certificates of real servers valid.
@Suite(.timeLimit(.minutes(10)))
struct MachineTests {
    private static let policy = """
        version: 1
        roles:
          web:
            x509: {usage: [server], dns: [localhost, "*.lab.example.com"]}
          client:
            x509: {usage: [client], common_name: "{user.login}"}
          operator:
            capabilities: [policies.reload, tokens.create, certificates.revoke, certificates.read]
        allow:
          - id: machines-renew
            who: {provider: machines}
            roles: [web]
            lifetime: {default: 15m, max: 8h}
          - id: admins-operate
            who: {groups: [admins]}
            roles: [operator, client]
            lifetime: {default: 15m, max: 8h}
        """

    /// A machine with a home of its own, in which nobody ever logged in.
    private struct Machine {
        let lab: Lab
        let home: String
        let folder: String

        init(_ lab: Lab) throws {
            self.lab = lab
            home = try lab.work.makeDirectory("machine")
            folder = lab.work.file("machine-tls")
        }

        var credential: Lab.Credential { Lab.Credential(folder: folder) }

        func token(_ name: String = "localhost") async throws -> String {
            let path = lab.work.file("token-\(UInt32.random(in: .min ... .max))")
            try await lab.mayfly(["token", "create", "--role", "web", "--name", name, "--out", path])
            return path
        }

        func arguments(_ token: String?, _ more: [String]) -> [String] {
            let server =
                ["--server", lab.ca.url] + (token.map { ["--fingerprint", lab.ca.fingerprint, "--enrol-token", $0] } ?? [])
            return ["issue", "x509"] + server + ["--role", "web", "--name", "localhost", "--out", folder] + more
        }

        func issue(_ token: String?, _ more: [String] = []) async throws -> ProcessResult {
            try await lab.ca.mayfly(arguments(token, more), home: home)
        }

        func serial() async throws -> String {
            try await run("openssl", ["x509", "-in", credential.leaf, "-noout", "-serial"]).checked().stdout
        }

        /// Waits until a certificate of `brief` is due: at the latest when 34 of its 120 seconds are left. It is earlier where the
        /// CA is old enough for certificates that begin before they are issued.
        func untilDue() async throws {
            let end = try await run("openssl", ["x509", "-in", credential.leaf, "-noout", "-enddate", "-dateopt", "iso_8601"])
                .checked().stdout.trimmingCharacters(in: .newlines).replacing("notAfter=", with: "").replacing(" ", with: "T")
            let left = try Date(end, strategy: .iso8601).timeIntervalSinceNow
            try await Task.sleep(for: .seconds(max(0, left - 33)))
        }

        func verify() async throws {
            let root = try await lab.exportedFile("root")
            try await run(
                "openssl",
                ["verify", "-purpose", "sslserver", "-CAfile", root, "-untrusted", credential.chain, credential.leaf]
            ).checked()
        }

        func setPolicy(_ text: String) async throws {
            try text.write(toFile: lab.work.file("policies/policy.yaml"), atomically: true, encoding: .utf8)
            try await lab.mayfly(["policy", "reload"])
        }
    }

    private static let brief = ["--renew-with", "true", "--once", "--lifetime", "2m"]

    @Test func `nginx serves with what a token gave, and with what renews itself over mutual TLS`() async throws {
        try await Lab.open(policy: Self.policy) { lab in
            let machine = try Machine(lab)
            let token = try await machine.token()
            let enrolled = try await machine.issue(token, Self.brief)
            #expect(enrolled.succeeded, "\(enrolled.stderr)")
            try await machine.verify()
            let (root, client) = (try await lab.exportedFile("root"), try await lab.x509("client"))
            let key = try String(contentsOfFile: machine.credential.key, encoding: .utf8)
            try await serving(try await lab.nginx(machine.credential)) { nginx in
                let before = try await machine.serial()
                let reload = ["--renew-with", "kill -HUP \(nginx.processID)", "--once", "--lifetime", "2m"]
                #expect(try await machine.issue(token, reload).succeeded)
                #expect(try await machine.serial() == before)
                // The token was used; it may be gone.
                try FileManager.default.removeItem(atPath: token)
                try await machine.untilDue()
                let renewed = try await machine.issue(token, reload)
                #expect(renewed.succeeded, "\(renewed.stderr)")
                #expect(renewed.stderr.contains("has a new certificate until"), "\(renewed.stderr)")
                #expect(try await machine.serial() != before)
                try await machine.verify()
                // It may be reading its files at this moment.
                var errors = ""
                try await eventually("\(errors)\(nginx.log)") {
                    let reply = try await nginx.get(trusting: root, certificate: client.chain, key: client.key)
                    errors = reply.errors
                    return reply.status == 200
                }
            }
            #expect(try String(contentsOfFile: machine.credential.key, encoding: .utf8) == key)
            // Without the token on the command line as well, for the folder says where its certificate is from.
            let again = try await machine.issue(nil)
            #expect(again.succeeded, "\(again.stderr)")
            // Nobody has logged in on this machine, and nothing of the kind is left behind.
            let paths = FileManager.default.subpaths(atPath: machine.home) ?? []
            #expect(!paths.isEmpty && !paths.contains { $0.hasSuffix("session.pem") }, "\(paths)")
            #expect(try await lab.ca.mayfly(["whoami", "--server", lab.ca.url], home: machine.home).status == 1)
        }
    }

    @Test func `a running machine renews by itself`() async throws {
        try await Lab.open(policy: Self.policy) { lab in
            let machine = try Machine(lab)
            let token = try await machine.token()
            let process = try await BackgroundProcess(
                "mayfly", MayflyCA.binary, machine.arguments(token, ["--renew-with", "true", "--lifetime", "40s"]),
                environment: ["HOME": machine.home, "MAYFLY_HOME": machine.home + "/mayfly"], directory: lab.work.path,
                logPath: lab.work.file("machine.log"))
            try await serving(process) { process in
                // Long enough for a busy machine to be asked in time: three, each after two thirds of the one before.
                try await process.waitUntilReady(within: .seconds(300)) {
                    process.log.components(separatedBy: "has a new certificate until").count > 3
                }
                try await machine.verify()
                #expect(!process.log.contains("error:"), "\(process.log)")
            }
            // One by the token, the others by the one before; all of one enrolment.
            let id = try enrolment(machine)
            let line = try #require(try await lab.mayfly(["machines"]).stdout.split(separator: "\n").dropFirst().first)
            #expect(line.hasPrefix(id) && line.contains("DNS:localhost"), "\(line)")
            let serial = try await machine.serial().dropFirst("serial=".count).lowercased().trimmingCharacters(in: .newlines)
            #expect(try await lab.mayfly(["machines", "--json"]).stdout.contains("\"serial\" : \"\(serial)\""))
            let hit = try await lab.mayfly(["revoke", "--enrolment", id, "--reason", "gone", "--dry-run", "--json"]).stdout
            #expect(hit.contains("\"enrolment\" : \"\(id)\""), "\(hit)")
        }
    }

    @Test func `what is refused leaves the old certificate, and says what helps`() async throws {
        try await Lab.open(policy: Self.policy) { lab in
            let machine = try Machine(lab)
            let token = try await machine.token()
            #expect(try await machine.issue(token).succeeded)
            let first = try await machine.serial()

            try await machine.setPolicy(
                Self.policy
                    + "\ndeny:\n  - {id: localhost-out, who: {provider: machines, claims: {name: localhost}}, roles: [web]}\n")
            let denied = try await machine.issue(token)
            #expect(denied.status == 2, "\(denied.stderr)")
            #expect(denied.stderr.contains("localhost-out"), "\(denied.stderr)")
            #expect(try await machine.serial() == first)
            try await machine.setPolicy(Self.policy)
            let allowed = try await machine.issue(token)
            #expect(allowed.succeeded, "\(allowed.stderr)")
            let second = try await machine.serial()

            let revoked = try await lab.mayfly([
                "revoke", "--enrolment", try enrolment(machine), "--cause", "keyCompromise", "--reason", "key stolen",
            ])
            #expect(revoked.stdout.contains("x509"), "\(revoked.stdout)")
            let refused = try await machine.issue(token)
            #expect(refused.status == 1, "\(refused.stderr)")
            #expect(refused.stderr.contains("the certificate that was shown was revoked"), "\(refused.stderr)")
            #expect(refused.stderr.contains("enrol again, with a token"), "\(refused.stderr)")
            #expect(try await machine.serial() == second)
            #expect(try await lab.mayfly(["machines", "--stale"]).stdout.contains("ended by a revocation"))

            let anew = try await machine.issue(try await machine.token())
            #expect(anew.succeeded, "\(anew.stderr)")
            #expect(try await machine.serial() != second)
        }
    }

    /// The id of its token, as `revoke` takes it.
    private func enrolment(_ machine: Machine) throws -> String {
        try String(contentsOfFile: machine.folder + "/.enrolled", encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines)
    }

    @Test func `a certificate that has expired is not renewed, and a new token helps`() async throws {
        try await Lab.open(policy: Self.policy) { lab in
            let machine = try Machine(lab)
            let token = try await machine.token()
            #expect(try await machine.issue(token, ["--lifetime", "15s"]).succeeded)
            let first = try await machine.serial()
            try await Task.sleep(for: .seconds(17))
            for more in [Self.brief, []] {
                let expired = try await machine.issue(token, more)
                #expect(expired.status == 1, "\(expired.stderr)")
                #expect(expired.stderr.contains("ended at"), "\(expired.stderr)")
                #expect(expired.stderr.contains("enrol again, with a token"), "\(expired.stderr)")
            }
            #expect(try await machine.serial() == first)
            // The server says the same to whoever asks it all the same.
            let curl = try await run(
                "curl",
                [
                    "-q", "-s", "--noproxy", "*", "--cacert", try await lab.exportedFile("service"), "--cert",
                    machine.credential.chain, "--key", machine.credential.key, "--json", "{}",
                    lab.ca.url + "/v1/machines/renewal",
                ])
            #expect(curl.stdout.contains("has expired"), "\(curl.stdout)\(curl.stderr)")
            let anew = try await machine.issue(try await machine.token())
            #expect(anew.succeeded, "\(anew.stderr)")
        }
    }

    @Test func `a machine that is killed before it has its certificate gets the same one again`() async throws {
        try await Lab.open(policy: Self.policy) { lab in
            let machine = try Machine(lab)
            let token = try await machine.token()
            #expect(try await machine.issue(token).succeeded)
            let first = try await machine.serial()
            // As it would be had the reply not come: the key is there before the token is used for it.
            for file in ["chain.pem", "cert.pem", ".enrolled"] {
                try FileManager.default.removeItem(atPath: machine.folder + "/" + file)
            }
            let again = try await machine.issue(token)
            #expect(again.succeeded, "\(again.stderr)")
            #expect(try await machine.serial() == first)
        }
    }

    @Test func `a certificate without its key renews nothing`() async throws {
        try await Lab.open(policy: Self.policy) { lab in
            let machine = try Machine(lab)
            #expect(try await machine.issue(try await machine.token()).succeeded)
            let thief = try lab.work.makeDirectory("thief")
            try await run("openssl", ["genpkey", "-algorithm", "ED25519", "-out", thief + "/key.pem"]).checked()
            for file in ["chain.pem", "cert.pem", ".enrolled"] {
                try FileManager.default.copyItem(atPath: machine.folder + "/" + file, toPath: thief + "/" + file)
            }
            let stolen = try await lab.ca.mayfly(
                ["issue", "x509", "--server", lab.ca.url, "--role", "web", "--name", "localhost", "--out", thief],
                home: machine.home)
            #expect(stolen.status == 1, "\(stolen.stderr)")
            #expect(stolen.stderr.contains("no certificate for its key"), "\(stolen.stderr)")
        }
    }

    @Test func `options that do not go together are refused, and a unit is printed without asking anybody`() async throws {
        try await Lab.open(policy: Self.policy) { lab in
            let machine = try Machine(lab)
            for more in [
                ["--csr", "x"], ["--ssh-key", "x", "--renew-with", "true"], ["--token-file", "x"], ["--grant", "x"],
            ] {
                let arguments = machine.arguments("x", more).filter {
                    more[0] != "--csr" || !["--name", "localhost"].contains($0)
                }
                #expect(try await lab.ca.mayfly(arguments, home: machine.home).status == 64, "\(more)")
            }
            let unit = try await machine.issue("web.token", ["--renew-with", "true", "--print-unit"])
            #expect(unit.succeeded, "\(unit.stderr)")
            #expect(unit.stdout.contains(#""--enrol-token" "web.token""#), "\(unit.stdout)")
            #expect(FileManager.default.subpaths(atPath: machine.home) ?? [] == [])
        }
    }
}
