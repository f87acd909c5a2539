// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// Every `--help` ends with an example, and every example does what it says: each is typed into a shell, beside a CA and an
/// sshd like those it speaks of.
@Suite(.timeLimit(.minutes(10)))
struct TranscriptTests {
    /// Every command, in an order in which the examples make sense. A command that is not here fails the test.
    private static let order = [
        "init", "serve", "login", "", "why", "why ssh", "whoami", "roles", "status", "sessions", "sessions list",
        "sessions end", "doctor", "policy", "policy check", "policy test",
        "policy schema",
        "policy explain", "policy who-can", "policy what-can", "policy diff", "policy import",
        "policy replay", "policy reload", "token", "token create", "token list", "token cancel", "issue", "issue ssh",
        "issue ssh-host",
        "issue x509", "ssh",
        "certificates", "ca",
        "ca export", "ca sync", "ca status", "ca rotate", "ca request", "ca sign", "ca crl", "ca accept-clock", "host",
        "host config", "host sessions",
        "host end-sessions", "host why", "host enroll", "host sync", "host status", "hosts", "machines",
        "host leave", "host remove", "audit", "audit tail", "audit verify", "revoke",
        "request", "requests", "approve", "deny", "access", "access show", "access review", "review", "extend", "done",
        "logout",
        "notify", "notify test",
    ]

    /// What the examples of commands that do not end by themselves print first.
    private static let endless = ["serve": "mayfly: serving", "audit tail": "  allow  ana@example.com"]

    /// What the examples of commands end with that do not end with 0.
    private static let statuses: [String: Int32] = ["request": 3, "extend": 3]

    private static let policy = """
        version: 1
        zones:
          prod-web: {hosts: [localhost, web1.example.com]}
        roles:
          prod-web-debug: {ssh: {logins: ["{user.login}"], zones: [prod-web], extensions: [pty]}}
          prod-db: {ssh: {logins: ["{user.login}"], zones: [prod-web]}}
          rescue: {ssh: {logins: [root], zones: [prod-web]}}
          web-host: {ssh_host: {zones: [prod-web]}}
          web-server: {x509: {usage: [server], dns: ["*.example.com"]}}
          administrator:
            capabilities:
              [audit.read, certificates.read, certificates.revoke, policies.reload, tokens.create, hosts.read, hosts.remove,
               sessions.read, sessions.end, keys.rotate]
        allow:
          - {id: everybody-works, who: {everyone: true}, roles: ["web-*", "prod-web-*"], lifetime: {default: 30m, max: 8h}}
          - id: everybody-asks
            who: {everyone: true}
            roles: [prod-db]
            lifetime: {max: 8h}
            approval: {steps: [{by: {users: [ana@example.com, bo@example.com]}}]}
          - id: everybody-rescues
            who: {everyone: true}
            roles: [rescue]
            lifetime: {max: 1h}
            approval: {review: {by: {users: [ana@example.com]}, within: 1d}}
          - {id: ana-administers, who: {users: [ana@example.com]}, roles: [administrator]}
        tests:
          - it: lets ana administer
            who: {user: ana@example.com}
            asks: {role: administrator}
            expect: {allow: ana-administers}
        """

    @Test func `every command has an example, and this test its place`() async throws {
        #expect(try await Self.commands().sorted() == Self.order.sorted())
        for command in Self.order {
            #expect(try await Self.example(of: command).isEmpty == false, "`mayfly \(command)`")
        }
    }

    @Test func `every example does what it says`() async throws {
        let ana = MayflyCA.Person("ana@example.com", login: CurrentUser.name)
        let bo = MayflyCA.Person("bo@example.com", login: "bo")
        try await Lab.open(policy: Self.policy, people: [ana, bo]) { lab in
            try await lab.ca.logIn(as: ana.name)
            try await lab.ca.logIn(as: bo.name)
            try await serving(try await sshd(for: lab, ana)) { sshd in
                try await serving(try await SSHAgent()) { agent in
                    let key = try await agent.sshAdd([lab.ca.key(of: ana.name)])
                    #expect(key.succeeded, "\(key.stderr)")
                    let shell = Shell(lab: lab, person: ana, colleague: bo, agent: agent, sshd: sshd)
                    try await shell.prepare()
                    for command in Self.order {
                        for line in try await Self.example(of: command) { try await shell.type(line, of: command) }
                    }
                }
            }
        }
    }

    /// An sshd with a host certificate, as one logs in to.
    private func sshd(for lab: Lab, _ person: MayflyCA.Person) async throws -> SSHServer {
        let hostKey = try await lab.makeKey("ssh_host_key")
        try await lab.ca.mayfly(
            ["issue", "ssh-host", "--role", "web-host", "--host", "localhost", "--public-key", hostKey + ".pub"],
            home: lab.ca.home(of: person.name)
        ).checked()
        let principals = ["\(lab.login)@host:localhost", "\(lab.login)@zone:prod-web"]
        return try await SSHServer(
            .init(
                userCAKeys: [try String(contentsOfFile: lab.ca.caDirectory + "/public/ssh_user_ca.pub", encoding: .utf8)],
                principals: [lab.login: principals], hostKey: hostKey, hostCertificate: hostKey + "-cert.pub"))
    }

    /// The words of every command, groups included; the empty one is `mayfly` itself.
    private static func commands() async throws -> [String] {
        struct Tool: Decodable { let command: Command }
        struct Command: Decodable {
            let commandName: String
            let subcommands: [Command]?
        }
        let dump = try await run(MayflyCA.binary, ["--experimental-dump-help"]).checked().outputBytes
        func names(_ command: Command, _ path: [String]) -> [String] {
            [path.joined(separator: " ")]
                + (command.subcommands ?? []).filter { $0.commandName != "help" }.flatMap { names($0, path + [$0.commandName]) }
        }
        return names(try JSONDecoder().decode(Tool.self, from: Data(dump)).command, [])
    }

    /// The lines below `EXAMPLE:`, which come last; those that end in a backslash joined with the next.
    private static func example(of command: String) async throws -> [String] {
        let help = try await run(MayflyCA.binary, command.split(separator: " ").map(String.init) + ["--help"]).checked().stdout
        guard let start = help.range(of: "EXAMPLE:\n") else { return [] }
        let joined = help[start.upperBound...].replacing("\\\n", with: "")
        let lines = joined.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(lines.allSatisfy { $0.hasPrefix("mayfly ") }, "`mayfly \(command)`: \(lines)")
        return lines
    }

    /// A shell in a folder of its own, of a person whose home and agent are the test's.
    private struct Shell {
        let lab: Lab
        let person: MayflyCA.Person
        let colleague: MayflyCA.Person
        let agent: SSHAgent
        let sshd: SSHServer

        private var environment: [String: String] {
            let home = lab.ca.home(of: person.name)
            let own = ["HOME": home, "MAYFLY_HOME": home + "/mayfly"]
            return own.merging(["PATH": Repository.binaries + ":" + (Program.environment["PATH"] ?? "")]) { $1 }
                .merging(agent.environment) { $1 }
        }

        /// The one place where what an example names becomes what is here.
        private func real(_ line: String, of command: String) async throws -> String {
            let options = try lab.sshOptions(sshd).map { "'\($0)'" }.joined(separator: " ")
            let list = try await lab.ca.mayfly(["certificates", "--json"], home: lab.ca.home(of: person.name))
            let serial = list.stdout.firstMatch(of: /"serial" : "([0-9]+)"/)?.1 ?? "12"
            var real =
                line.replacing("https://ca.example.com", with: lab.ca.url).replacing("SHA256:…", with: lab.ca.fingerprint)
                .replacing("deploy@web1.example.com", with: "\(lab.login)@localhost")
                .replacing("-- uptime", with: "-- \(options) uptime")
                .replacing("/etc/ssh/ssh_host_ed25519_key.pub", with: "host.pub")
                .replacing("step-ca ca.json", with: "step-ca \(Repository.root)/Tests/PolicyImportTests/Fixtures/step-ca.json")
                .replacing("/etc/ssh/mayfly/revoked.krl", with: "revoked.krl")
                .replacing("systemctl reload nginx", with: "true").replacing("systemctl reload haproxy", with: "true")
                .replacing("--serial 12", with: "--serial \(serial) --kind ssh")
            if command == "token cancel" {
                let token = try await lab.ca.mayfly(
                    ["token", "create", "--role", "web-host", "--host", "web1.example.com", "--json"],
                    home: lab.ca.home(of: person.name))
                let id = token.stdout.firstMatch(of: /"id" : "([0-9a-f]{16})"/)?.1 ?? ""
                real = real.replacing("5f1c0e6bb0d14a3f", with: id)
            }
            if command == "host sessions" { real += " --user-ca ca.pub --log none" }
            // 1 if somebody is logged in to this machine whose certificate nothing tells.
            if command == "host end-sessions" { real += " --user-ca ca.pub --log none; test $? -le 1" }
            if command == "host why" {
                real = real.replacing("why deploy", with: "why \(lab.login)").replacing("192.0.2.7", with: "127.0.0.1")
                real += " --user-ca ca.pub --sshd-config '\(sshd.configurationPath)'"
            }
            if real.hasPrefix("mayfly host config") { real += " --dir mayfly" }
            if ["enroll", "sync", "status", "leave"].contains(where: { real.hasPrefix("mayfly host \($0)") }) {
                real += " --root host-root --sshd \(try Program.path(of: "sshd"))"
            }
            if real.hasPrefix("mayfly why ssh") { real += " --user-ca ca.pub --sshd-config '\(sshd.configurationPath)'" }
            if real.hasPrefix("mayfly ssh "), !real.contains(" -- ") { real += " -- \(options) true" }
            return real
        }

        func prepare() async throws {
            try await MayflyCA.makeKey(lab.work.file("host"))
            let key = lab.ca.caDirectory + "/public/ssh_user_ca.pub"
            try FileManager.default.copyItem(atPath: key, toPath: lab.work.file("ca.pub"))
            let list = try lab.work.write("serial: 4711\n", to: "revoked.txt")
            try await run("ssh-keygen", ["-q", "-k", "-f", lab.work.file("revoked.krl"), "-s", key, list]).checked()
            // A host to enrol: it has an sshd that does not run.
            for folder in ["host-root", "host-root/etc", "host-root/etc/ssh", "host-root/etc/ssh/sshd_config.d"] {
                try lab.work.makeDirectory(folder, mode: 0o755)
            }
            let ssh = lab.work.file("host-root/etc/ssh")
            try await MayflyCA.makeKey(ssh + "/ssh_host_ed25519_key")
            try lab.work.write(
                """
                Include \(ssh)/sshd_config.d/*.conf
                HostKey \(ssh)/ssh_host_ed25519_key
                PidFile \(lab.work.file("sshd.pid"))

                """, to: "host-root/etc/ssh/sshd_config")
        }

        /// Has the colleague ask for what an example decides about.
        /// - Returns: the id that stands in examples as `k3x7mw2p4qza`.
        private func asked(for command: String) async throws -> String? {
            let home = lab.ca.home(of: colleague.name)
            func ask(_ role: String, _ arguments: [String] = [], home: String) async throws -> String? {
                let asked = try await lab.ca.mayfly(
                    ["request", role, "--for", "1h", "--reason", "INC-7", "--json"] + arguments, home: home)
                return asked.stdout.firstMatch(of: /"id" : "([a-z2-7]{12})"/).map { String($0.1) }
            }
            func take(_ role: String, home: String) async throws {
                let file = lab.work.file("id-\(UInt32.random(in: .min ... .max))")
                try await lab.ca.mayfly(["issue", "ssh", "--role", role, "--out", file], home: home).checked()
            }
            switch command {
            case "approve", "deny", "access", "access show": return try await ask("prod-db", home: home)
            case "review":
                let id = try await ask("rescue", ["--break-glass"], home: home)
                try await take("rescue", home: home)
                return id
            case "extend":
                // What was asked in the example of `request` is approved and used.
                let own = lab.ca.home(of: person.name)
                let list = try await lab.ca.mayfly(["requests", "--mine", "--json"], home: own)
                let id = list.stdout.firstMatch(of: /"id" : "([a-z2-7]{12})"/).map { String($0.1) }
                try await lab.ca.mayfly(
                    ["approve", id ?? "", "--ssh-key", lab.ca.key(of: colleague.name)], home: home
                ).checked()
                try await take("prod-db", home: own)
                return nil
            case "done":
                // The extension that was just asked for is withdrawn, so that one grant is left.
                let own = lab.ca.home(of: person.name)
                let list = try await lab.ca.mayfly(["requests", "--mine", "--json"], home: own)
                let id = list.stdout.firstMatch(of: /"id" : "([a-z2-7]{12})"/).map { String($0.1) }
                try await lab.ca.mayfly(["done", id ?? ""], home: own).checked()
                return nil
            default: return nil
            }
        }

        /// A receiver `oncall` of the CA made here, which takes one notice.
        private func notifying(_ body: () async throws -> Void) async throws {
            let script = """
                import http.server
                class Receiver(http.server.BaseHTTPRequestHandler):
                    def do_POST(self):
                        self.rfile.read(int(self.headers["content-length"]))
                        self.send_response(204)
                        self.end_headers()
                server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
                print(server.server_port, flush=True)
                server.handle_request()
                """
            let receiver = try await BackgroundProcess(
                "receiver", "/usr/bin/python3", ["-c", script], logPath: lab.work.file("receiver-\(UUID().uuidString).log"))
            try await serving(receiver) { receiver in
                try await receiver.waitUntilReady { receiver.log.contains("\n") }
                let port = receiver.log.prefix { $0 != "\n" }
                let secret = lab.work.file("ca/keys/slack_url")
                try "http://127.0.0.1:\(port)/hook\n".write(toFile: secret, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: secret)
                let path = lab.work.file("ca/mayfly.yaml")
                let text = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\nreceivers:")[0]
                try (text + "\nreceivers: {oncall: {type: slack, url_file: keys/slack_url}}\n")
                    .write(toFile: path, atomically: true, encoding: .utf8)
                try await body()
            }
        }

        func type(_ line: String, of command: String) async throws {
            var line = line
            if let id = try await asked(for: command) { line = line.replacing("k3x7mw2p4qza", with: id) }
            let real = try await real(line, of: command)
            if let first = TranscriptTests.endless[command] {
                // `serve` takes the CA that the example of `init` has just made; the port is not ours to choose there.
                if command == "serve" {
                    let path = lab.work.file("ca/mayfly.yaml")
                    let text = try String(contentsOfFile: path, encoding: .utf8).replacing(
                        "127.0.0.1:8443", with: "127.0.0.1:0")
                    try text.write(toFile: path, atomically: true, encoding: .utf8)
                }
                let process = try await BackgroundProcess(
                    "mayfly", "/bin/bash", ["-c", "exec " + real], environment: environment, directory: lab.work.path,
                    logPath: lab.work.file("\(command).log"))
                try await process.waitUntilReady { process.log.contains(first) }
                await process.stop()
            } else if command.hasPrefix("notify") {
                try await notifying { try await typeToTheEnd(real, of: command) }
            } else {
                try await typeToTheEnd(real, of: command)
            }
        }

        private func typeToTheEnd(_ real: String, of command: String) async throws {
            let result = try await run(
                "bash", ["-c", real], environment: environment, directory: lab.work.path, timeout: .seconds(180))
            #expect(result.status == TranscriptTests.statuses[command] ?? 0, "`\(real)`: \(result.stdout)\(result.stderr)")
        }
    }
}
