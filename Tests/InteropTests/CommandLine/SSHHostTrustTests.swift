// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Which hosts `mayfly ssh` takes: those with a certificate of the host CA, and those that ssh knows without us.
@Suite(.timeLimit(.minutes(10)))
struct SSHHostTrustTests {
    /// Nobody is asked, and nothing is known but what is said here.
    private func ssh(
        _ lab: Lab, _ sshd: SSHServer, checking: String = "yes", knownHosts: String = "/dev/null", _ options: [String] = []
    ) async throws -> ProcessResult {
        let settings = [
            "AddressFamily=inet", "BatchMode=yes", "StrictHostKeyChecking=\(checking)", "UserKnownHostsFile=\(knownHosts)",
            "GlobalKnownHostsFile=/dev/null", "ConnectTimeout=60", "LogLevel=ERROR",
        ]
        return try await lab.ca.mayfly(
            ["ssh", "\(lab.login)@localhost", "--role", "shell", "--", "-F", "none", "-p", String(sshd.port)]
                + (options + settings).flatMap { ["-o", $0] } + ["id", "-un"])
    }

    private func withHost(
        named name: String?, _ body: (Lab, SSHServer) async throws -> Void
    ) async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let hostKey = try await lab.makeKey("ssh_host_key")
            var certificate: String?
            if let name { certificate = try await lab.certifyHost(hostKey, name: name) }
            let sshd = try await lab.sshd(zones: ["lab"], hostKey: hostKey, hostCertificate: certificate)
            try await serving(sshd) { try await body(lab, $0) }
        }
    }

    @Test func `a host with a certificate of ours is taken without a question`() async throws {
        try await withHost(named: "localhost") { lab, sshd in
            let session = try await ssh(lab, sshd)
            #expect(session.stdout == lab.login + "\n", "\(session.stderr)\(sshd.log)")
            let none = try await ssh(lab, sshd, knownHosts: "none")
            #expect(none.succeeded, "\(none.stderr)")
            let alias = try await ssh(lab, sshd, ["HostKeyAlias=localhost"])
            #expect(alias.succeeded, "\(alias.stderr)")
            // The certificate is for this name and for no other.
            let other = try await ssh(lab, sshd, ["HostKeyAlias=web1.lab.example.com"])
            #expect(other.status == 255)
            #expect(other.stderr.contains("not a listed principal"), "\(other.stderr)")
            try await lab.mayfly(["doctor"])
        }
    }

    @Test func `a certificate for another host is not taken`() async throws {
        try await withHost(named: "web1.lab.example.com") { lab, sshd in
            let session = try await ssh(lab, sshd)
            #expect(session.status == 255)
            #expect(session.stderr.contains("Host key verification failed"), "\(session.stderr)")
        }
    }

    @Test func `a host without certificate is to ssh what it was without us`() async throws {
        try await withHost(named: nil) { lab, sshd in
            let unknown = try await ssh(lab, sshd)
            #expect(unknown.status == 255)
            #expect(unknown.stderr.contains("Host key verification failed"), "\(unknown.stderr)")

            // ssh learns the key, and writes it into the file of the person.
            let own = lab.work.file("own known")
            let learned = try await ssh(lab, sshd, checking: "accept-new", knownHosts: lab.work.file("known"))
            #expect(learned.succeeded, "\(learned.stderr)")
            #expect(try lab.work.text(of: "known").contains("[localhost]:\(sshd.port) "))
            let known = try await ssh(lab, sshd, knownHosts: lab.work.file("known"))
            #expect(known.succeeded, "\(known.stderr)")

            // A path that ssh -G prints so that it looks like two is left to ssh alone.
            try FileManager.default.copyItem(atPath: lab.work.file("known"), toPath: own)
            let spaced = try await ssh(lab, sshd, knownHosts: "\"\(own)\"")
            #expect(spaced.succeeded, "\(spaced.stderr)")

            let cache = "\(lab.ca.home)/mayfly/servers/\(lab.ca.url.dropFirst("https://".count))/ssh"
            let ours = try FileManager.default.contentsOfDirectory(atPath: cache).filter { $0.hasSuffix("-known_hosts") }
            #expect(ours.count == 1)
            let lines = try String(contentsOfFile: "\(cache)/\(try #require(ours.first))", encoding: .utf8)
            #expect(lines.hasPrefix("@cert-authority localhost,[localhost]:* ssh-ed25519 "), "\(lines)")
            #expect(lines.split(separator: "\n").count == 1, "ssh wrote nothing into it")
        }
    }

    @Test func `many at once share one credential`() async throws {
        try await withHost(named: "localhost") { lab, sshd in
            let results = try await withThrowingTaskGroup(of: ProcessResult.self) { group in
                for _ in 0..<6 { group.addTask { try await ssh(lab, sshd) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for result in results { #expect(result.stdout == lab.login + "\n", "\(result.stderr)") }
            let list = try await lab.mayfly(["certificates", "--role", "shell", "--json"]).stdout
            #expect(list.ranges(of: "\"serial\"").count == 1)
        }
    }

    @Test func `logout leaves neither key nor certificate, in files or in ssh-agent`() async throws {
        try await withHost(named: "localhost") { lab, sshd in
            try await serving(try await SSHAgent()) { agent in
                #expect(try await ssh(lab, sshd).succeeded)
                try await lab.ca.mayfly(["issue", "ssh", "--role", "shell", "--agent"], environment: agent.environment)
                    .checked()
                #expect(try await agent.sshAdd(["-l"]).succeeded)
                let state = "\(lab.ca.home)/mayfly/servers/\(lab.ca.url.dropFirst("https://".count))"
                let files = try FileManager.default.subpathsOfDirectory(atPath: state)
                #expect(files.contains { $0.hasPrefix("ssh/") })
                for file in files {
                    let attributes = try FileManager.default.attributesOfItem(atPath: "\(state)/\(file)")
                    let mode = try #require(attributes[.posixPermissions] as? Int)
                    #expect(mode & 0o077 == 0, "\(file)")
                }
                // An agent that does not answer keeps what it has, and that is not forgotten here.
                let deaf = try await lab.ca.mayfly(["logout"], environment: ["SSH_AUTH_SOCK": lab.work.file("nowhere")])
                #expect(deaf.stderr.contains("ssh-agent was not asked to forget 1"), "\(deaf.stderr)")
                let left = try FileManager.default.subpathsOfDirectory(atPath: state).sorted()
                #expect(left.contains("agent.json"))
                #expect(!left.contains { $0.hasPrefix("ssh") || $0.hasPrefix("session") }, "\(left)")
                _ = try await lab.ca.mayfly(["logout"], environment: agent.environment)
                #expect(try await agent.sshAdd(["-l"]).status == 1, "the agent has no keys")
                #expect(try FileManager.default.subpathsOfDirectory(atPath: state).contains("agent.json") == false)
            }
        }
    }
}
