// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `mayfly ssh` and `issue ssh --agent`, against a real sshd.
@Suite(.timeLimit(.minutes(10)))
struct SSHCommandTests {
    @Test func `mayfly ssh gets a certificate for the host, becomes ssh, and touches nobody's ssh folder`() async throws {
        try await withServer { lab, sshd in
            let home = try PrivateHome(path: lab.ca.home)
            let before = FileSnapshot(home.folders)
            let options = try lab.sshOptions(sshd)
            func ssh(_ command: [String]) async throws -> ProcessResult {
                try await lab.ca.mayfly(
                    ["ssh", "\(lab.login)@localhost", "--role", "lab-shell", "--"] + options + command)
            }
            let session = try await ssh(["id", "-un"])
            #expect(session.stdout == lab.login + "\n", "\(session.stderr)\(sshd.log)")
            #expect(session.stderr.contains("mayfly: role lab-shell, rule engineers-use-the-lab, until"))
            #expect(try await ssh(["exit", "7"]).status == 7, "the status is that of ssh")

            let list = try await lab.mayfly(["certificates", "--role", "lab-shell", "--json"]).stdout
            #expect(list.ranges(of: "\"serial\"").count == 1, "the second call used the certificate of the first")
            #expect(list.contains("\(lab.login)@host:localhost"))
            #expect(FileSnapshot(home.folders) == before)
        }
    }

    @Test func `signals reach the ssh that mayfly becomes`() async throws {
        try await Lab.open { lab in
            // It inherits what ssh has blocked. The shell around it keeps ssh's pipe open until the line is written.
            let look = "ProxyCommand=sh -c 'grep SigBlk /proc/self/status >&2; true'"
            let session = try await lab.ca.mayfly([
                "ssh", "\(lab.login)@localhost", "--role", "lab-shell", "--", "-F", "none", "-o", "BatchMode=yes", "-o", look,
            ])
            #expect(session.status == 255 && session.stderr.contains("SigBlk:\t0000000000000000\n"), "\(session.stderr)")
        }
    }

    @Test func `mayfly ssh chooses the role when there is one`() async throws {
        try await withServer { lab, sshd in
            let session = try await lab.ca.mayfly(
                ["ssh", "\(lab.login)@localhost", "--"] + (try lab.sshOptions(sshd)) + ["id", "-un"])
            #expect(session.stdout == lab.login + "\n", "\(session.stderr)\(sshd.log)")
            let denied = try await lab.ca.mayfly(["ssh", "\(lab.login)@web1.prod.example.com", "--", "-F", "none"])
            #expect(denied.status == 2)
            #expect(denied.stderr.contains("none of your roles reaches host `web1.prod.example.com`"))
        }
    }

    @Test func `a certificate in ssh-agent logs in, and is gone when it ends`() async throws {
        try await withServer { lab, sshd in
            try await serving(try await SSHAgent()) { agent in
                func issue(_ lifetime: String) async throws {
                    try await lab.ca.mayfly(
                        ["issue", "ssh", "--role", "lab-shell", "--agent", "--lifetime", lifetime],
                        environment: agent.environment
                    ).checked()
                }
                func keys() async throws -> Int {
                    let list = try await agent.sshAdd(["-L"])
                    return list.succeeded ? list.stdout.split(separator: "\n").count : 0
                }
                try await issue("1h")
                #expect(try await agent.sshAdd(["-L"]).stdout.contains("ssh-ed25519-cert-v01@openssh.com "))
                let held = try await keys()
                let session = try await run(
                    "ssh",
                    try lab.sshOptions(sshd) + ["-o", "IdentityAgent=\(agent.socket)", "\(lab.login)@localhost", "id", "-un"])
                #expect(session.stdout == lab.login + "\n", "\(session.stderr)\(sshd.log)")

                try await issue("30s")
                #expect(try await keys() == 2 * held)
                try await eventually("the agent forgets what has ended") { try await keys() == held }

                try await lab.ca.mayfly(["logout"], environment: agent.environment).checked()
                #expect(try await keys() == 0, "logout takes the rest along")
            }
        }
    }

    @Test func `what mayfly host config writes is a configuration sshd takes`() async throws {
        try await Lab.open { lab in
            let hostKey = try await lab.makeKey("ssh_host_key")
            try await lab.mayfly([
                "issue", "ssh-host", "--role", "lab-host", "--host", "localhost", "--public-key", hostKey + ".pub",
            ])
            let folder = lab.work.file("mayfly")
            let configure = [
                "host", "config", "--zones", "lab", "--logins", lab.login, "deploy", "--hostname", "localhost", "--dir", folder,
                "--host-key", hostKey,
            ]
            let first = try await lab.mayfly(configure)
            #expect(try String(contentsOfFile: folder + "/mayfly.conf", encoding: .utf8) == first.stdout)
            #expect(
                try String(contentsOfFile: folder + "/principals/deploy", encoding: .utf8)
                    == "deploy@zone:lab\ndeploy@host:localhost\n")
            let test = try await run("sshd", ["-T", "-f", folder + "/mayfly.conf", "-o", "Port=\(try Loopback.freePort())"])
            #expect(test.stdout.contains("trustedusercakeys \(folder)/user_ca.pub\n"), "\(test.stderr)")
            #expect(test.stdout.contains("hostcertificate \(hostKey)-cert.pub\n"))
            #expect(try await lab.mayfly(configure).stderr.contains("nothing changed in"))
            let bad = try await lab.ca.mayfly(["host", "config", "--zones", "lab", "--logins", "../root", "--dir", folder])
            #expect(bad.status == 1)
        }
    }

    private func withServer(_ body: (Lab, SSHServer) async throws -> Void) async throws {
        try await Lab.open { lab in
            let hostKey = try await lab.makeKey("ssh_host_key")
            try await lab.mayfly([
                "issue", "ssh-host", "--role", "lab-host", "--host", "localhost", "--public-key", hostKey + ".pub",
            ])
            let sshd = try await lab.sshd(zones: ["lab"], hostKey: hostKey, hostCertificate: hostKey + "-cert.pub")
            try await serving(sshd) { try await body(lab, $0) }
        }
    }
}

extension Lab {
    /// Options of ssh that reach a test server at `localhost`, as its host certificate calls it.
    func sshOptions(_ sshd: SSHServer) throws -> [String] {
        let line = try String(contentsOfFile: ca.caDirectory + "/public/ssh_host_ca.pub", encoding: .utf8)
        let knownHosts = try work.write("@cert-authority [localhost]:\(sshd.port) \(line)", to: "known_hosts")
        let options = [
            "AddressFamily=inet", "BatchMode=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=\(knownHosts)",
            "GlobalKnownHostsFile=/dev/null", "LogLevel=ERROR", "ConnectTimeout=60",
        ]
        return ["-F", "none", "-p", String(sshd.port)] + options.flatMap { ["-o", $0] }
    }
}
