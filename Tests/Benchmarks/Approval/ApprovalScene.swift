// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// Ana, who asks; lea, who agrees; a server that ana works on.
struct ApprovalScene {
    /// How ana waits.
    enum Way: String, CaseIterable {
        case ssh = "`mayfly ssh` asks and waits"
        case request = "`mayfly request --wait`, then `mayfly ssh`"
    }

    /// Seconds since 1970, by the clock of this machine.
    struct Times {
        var typed = 0.0
        /// In the audit log: the server decides, and then writes and replies.
        var approved = 0.0
        var replied = 0.0
        /// In the audit log: the certificate is asked for.
        var claimed = 0.0
        var shell = 0.0

        static let parts: [(label: String, part: @Sendable (Times) -> Double)] = [
            ("from the approver's enter key to the shell", { $0.shell - $0.typed }),
            ("from the end of `mayfly approve` to the shell", { $0.shell - $0.replied }),
            ("`mayfly approve` starts, reads, signs, until the server decides", { $0.approved - $0.typed }),
            ("`mayfly approve` from then to its end", { $0.replied - $0.approved }),
            ("from the decision until the certificate is asked for: who waits hears of it", { $0.claimed - $0.approved }),
            ("from then to the shell: issuing, `ssh`, sshd", { $0.shell - $0.claimed }),
        ]
    }

    private static let ana = MayflyCA.Person("ana@example.com", login: CurrentUser.name, groups: ["developers"])
    private static let lea = MayflyCA.Person("lea@example.com", login: "lea", groups: ["leads"])
    private static let policy = """
        version: 1
        zones: {lab: {hosts: [localhost]}}
        roles:
          prod: {ssh: {logins: ["{user.login}"], zones: [lab]}}
          host: {ssh_host: {zones: [lab]}}
        allow:
          - id: developers-ask
            who: {groups: [developers]}
            roles: [prod]
            lifetime: {max: 15m}
            approval: {steps: [{by: {groups: [leads]}}]}
          - {id: admins-name-hosts, who: {groups: [admins]}, roles: [host], lifetime: {max: 1d}}
        """

    private let work: TemporaryDirectory
    private let ca: MayflyCA
    private let sshd: SSHServer
    private let sshOptions: [String]

    init() async throws {
        work = try TemporaryDirectory()
        try work.makeDirectory("policies")
        try work.write(Self.policy, to: "policies/policy.yaml")
        ca = try await MayflyCA(.init(policies: work.file("policies"), people: [Self.ana, Self.lea]))
        for name in [MayflyCA.administrator, Self.ana.name, Self.lea.name] { try await ca.logIn(as: name) }
        let key = work.file("ssh_host_key")
        try await MayflyCA.makeKey(key)
        try await ca.mayfly(
            ["issue", "ssh-host", "--role", "host", "--host", "localhost", "--public-key", key + ".pub"]
        ).checked()
        let folder = work.file("host")
        try await ca.mayfly(
            [
                "host", "config", "--zones", "lab", "--logins", ca.login, "--hostname", "localhost", "--dir", folder,
            ]
        ).checked()
        let principals = try String(contentsOfFile: "\(folder)/principals/\(ca.login)", encoding: .utf8)
        sshd = try await SSHServer(
            .init(
                userCAKeys: [try await ca.mayfly(["ca", "export", "--format", "ssh-user"]).checked().stdout],
                principals: [ca.login: principals.split(separator: "\n").map(String.init)], hostKey: key,
                hostCertificate: key + "-cert.pub"))
        sshOptions =
            ["-F", "none", "-p", "\(sshd.port)"]
            + ["AddressFamily=inet", "BatchMode=yes", "StrictHostKeyChecking=yes", "LogLevel=ERROR"].flatMap { ["-o", $0] }
    }

    func stop() async {
        await sshd.stop()
        await ca.stop()
    }

    func close() {
        ca.directory.close()
        work.close()
    }

    /// From the enter key of the approver to the first command on the server.
    func measure(_ way: Way) async throws -> Times {
        async let arrived = login(way)
        let id = try await request()
        var times = Times()
        times.typed = Date().timeIntervalSince1970
        try await mayfly(["approve", id, "--ssh-key", ca.key(of: Self.lea.name)], as: Self.lea).checked()
        times.replied = Date().timeIntervalSince1970
        times.shell = try await arrived
        for event in try await events(of: id) {
            switch event.type {
            case "access.approved": times.approved = event.seconds
            case "access.claimed": times.claimed = event.seconds
            default: break
            }
        }
        try await mayfly(["done", id], as: Self.ana).checked()
        return times
    }

    /// Asks, waits, logs in, and asks the server for the time.
    private func login(_ way: Way) async throws -> Double {
        let home = ca.home(of: Self.ana.name)
        let remote = sshOptions + ["date", "+shell=%s.%N"]
        let ssh = [MayflyCA.binary, "ssh", "\(ca.login)@localhost", "--role", "prod", "--"] + remote
        let environment = ["HOME": home, "MAYFLY_HOME": home + "/mayfly"]
        let result: ProcessResult
        switch way {
        case .ssh: result = try await runOnTerminal(ssh, environment: environment, input: "yes\nINC-1\n")
        case .request:
            let script = "\"$0\" request prod --host localhost --reason INC-1 --wait >&2 && exec \"$@\""
            result = try await run("bash", ["-c", script, MayflyCA.binary] + ssh, environment: environment)
        }
        guard let text = result.stdout.firstMatch(of: /shell=([0-9.]+)/), let seconds = Double(text.1) else {
            throw BenchmarkError.unexpected(result.stderr + result.stdout)
        }
        return seconds
    }

    /// The one that waits.
    private func request() async throws -> String {
        for _ in 0..<200 {
            let list = try await mayfly(["requests", "--json"], as: Self.lea).checked().stdout
            if let id = list.firstMatch(of: /"id" : "([a-z2-7]{12})"/) {
                // It has settled down to waiting.
                try await Task.sleep(for: .milliseconds(500))
                return String(id.1)
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw BenchmarkError.unexpected("nobody asked for anything")
    }

    private struct Event: Decodable {
        let type: String
        let time: String

        var seconds: Double {
            let date = try? Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            return date?.timeIntervalSince1970 ?? 0
        }
    }

    private func events(of id: String) async throws -> [Event] {
        struct Detail: Decodable { let events: [String] }
        let shown = try await mayfly(["access", "show", id, "--json"], as: Self.lea).checked().outputBytes
        return try JSONDecoder().decode(Detail.self, from: Data(shown)).events.map {
            try JSONDecoder().decode(Event.self, from: Data($0.utf8))
        }
    }

    private func mayfly(_ arguments: [String], as person: MayflyCA.Person) async throws -> ProcessResult {
        try await ca.mayfly(arguments, home: ca.home(of: person.name))
    }
}
