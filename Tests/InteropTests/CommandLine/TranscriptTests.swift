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
        "init", "serve", "login", "", "whoami", "roles", "status", "policy", "policy check", "policy test", "policy schema",
        "policy explain", "policy who-can", "policy what-can", "policy diff", "policy import",
        "policy replay", "policy reload", "issue", "issue ssh", "issue ssh-host", "issue x509", "ssh", "certificates", "ca",
        "ca export", "host", "host config", "audit", "audit tail", "audit verify", "revoke", "logout",
        "notify", "notify test",
    ]

    /// What the examples of commands that do not end by themselves print first.
    private static let endless = ["serve": "mayfly: serving", "audit tail": "policy  loaded"]

    private static let policy = """
        version: 1
        zones:
          prod-web: {hosts: [localhost, web1.example.com]}
        roles:
          prod-web-debug: {ssh: {logins: ["{user.login}"], zones: [prod-web], extensions: [pty]}}
          web-host: {ssh_host: {zones: [prod-web]}}
          web-server: {x509: {usage: [server], dns: ["*.example.com"]}}
          administrator: {capabilities: [audit.read, certificates.read, certificates.revoke, policies.reload]}
        allow:
          - {id: everybody-works, who: {everyone: true}, roles: ["web-*", "prod-*"], lifetime: {default: 30m, max: 8h}}
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
        try await Lab.open(policy: Self.policy, people: [ana]) { lab in
            try await lab.ca.logIn(as: ana.name)
            try await serving(try await sshd(for: lab, ana)) { sshd in
                try await serving(try await SSHAgent()) { agent in
                    let key = try await agent.sshAdd([lab.ca.key(of: ana.name)])
                    #expect(key.succeeded, "\(key.stderr)")
                    let shell = Shell(lab: lab, person: ana, agent: agent, sshd: sshd)
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
        let principals = ["\(lab.login)@host:localhost"]
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
        let agent: SSHAgent
        let sshd: SSHServer

        private var environment: [String: String] {
            let home = lab.ca.home(of: person.name)
            let own = ["HOME": home, "MAYFLY_HOME": home + "/mayfly"]
            return own.merging(["PATH": Repository.binaries + ":" + (Program.environment["PATH"] ?? "")]) { $1 }
                .merging(agent.environment) { $1 }
        }

        /// The one place where what an example names becomes what is here.
        private func real(_ line: String) async throws -> String {
            let options = try lab.sshOptions(sshd).map { "'\($0)'" }.joined(separator: " ")
            let list = try await lab.ca.mayfly(["certificates", "--json"], home: lab.ca.home(of: person.name))
            let serial = list.stdout.firstMatch(of: /"serial" : "([0-9]+)"/)?.1 ?? "12"
            var real =
                line.replacing("https://ca.example.com", with: lab.ca.url).replacing("SHA256:…", with: lab.ca.fingerprint)
                .replacing("deploy@web1.example.com", with: "\(lab.login)@localhost")
                .replacing("-- uptime", with: "-- \(options) uptime")
                .replacing("/etc/ssh/ssh_host_ed25519_key.pub", with: "host.pub")
                .replacing("step-ca ca.json", with: "step-ca \(Repository.root)/Tests/PolicyImportTests/Fixtures/step-ca.json")
                .replacing("--serial 12", with: "--serial \(serial) --kind ssh")
            if real.hasPrefix("mayfly host config") { real += " --dir mayfly" }
            if real.hasPrefix("mayfly ssh "), !real.contains(" -- ") { real += " -- \(options) true" }
            return real
        }

        func prepare() async throws {
            try await MayflyCA.makeKey(lab.work.file("host"))
            let key = lab.ca.caDirectory + "/public/ssh_user_ca.pub"
            try FileManager.default.copyItem(atPath: key, toPath: lab.work.file("ca.pub"))
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
            let real = try await real(line)
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
                try await notifying { try await typeToTheEnd(real) }
            } else {
                try await typeToTheEnd(real)
            }
        }

        private func typeToTheEnd(_ real: String) async throws {
            let result = try await run(
                "bash", ["-c", real], environment: environment, directory: lab.work.path, timeout: .seconds(60))
            #expect(result.status == 0, "`\(real)`: \(result.stdout)\(result.stderr)")
        }
    }
}
