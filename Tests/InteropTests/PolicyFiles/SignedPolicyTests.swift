// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// Policies from a git checkout whose head must be signed: real git, real ssh-keygen.
@Suite(.timeLimit(.minutes(10)))
struct SignedPolicyTests {
    /// A CA that takes its policies from signed commits, its administrator logged in.
    private static func open(_ body: (Lab, PolicyRepository) async throws -> Void) async throws {
        let repository = try await PolicyRepository(TestPolicy.x509)
        defer { repository.directory.close() }
        try await Lab.open(
            policies: repository.policies, settings: ["policy_signers": "\"\(repository.signers)\""]
        ) { try await body($0, repository) }
    }

    private struct Status: Decodable {
        let policyCommit: String?
        let policySigner: String?
        let policyProblem: String?

        enum CodingKeys: String, CodingKey {
            case policyCommit = "policy_commit"
            case policySigner = "policy_signer"
            case policyProblem = "policy_problem"
        }
    }

    private func status(_ lab: Lab) async throws -> Status {
        try JSONDecoder().decode(Status.self, from: Data(try await lab.mayfly(["status", "--json"]).outputBytes))
    }

    @Test func `commit and signer are shown and in the log`() async throws {
        try await Self.open { lab, repository in
            let status = try await status(lab)
            let head = try await repository.head
            #expect(status.policyCommit == head)
            #expect(status.policySigner?.hasPrefix("lead@example.com with ED25519 key SHA256:") == true)
            let log = try await lab.mayfly(["audit", "tail"]).stdout
            #expect(log.contains("from commit \(head), signed by lead@example.com with ED25519 key"))
        }
    }

    @Test func `what is not committed does not count, and a new signed commit goes live`() async throws {
        try await Self.open { lab, repository in
            let first = try await repository.head
            try repository.directory.write(TestPolicy.x509 + "\n# edited\n", to: "repository/policies/policy.yaml")
            try repository.directory.write("nonsense", to: "repository/policies/more.yaml")
            try await lab.mayfly(["policy", "reload"])
            #expect(try await status(lab).policyCommit == first)
            try FileManager.default.removeItem(atPath: repository.policies + "/more.yaml")

            let second = try await repository.commit(TestPolicy.x509 + "\n# edited\n", signedBy: "lead")
            lab.ca.send(SIGHUP)
            try await lab.whenUsersAreRead { try await status(lab).policyCommit == second }
        }
    }

    @Test(arguments: [nil, "eve"])
    func `a commit that nobody who may signed is refused, and the old set stays`(key: String?) async throws {
        try await Self.open { lab, repository in
            let first = try await repository.head
            let second = try await repository.commit(TestPolicy.x509 + "\n# edited\n", signedBy: key)
            let reload = try await lab.ca.mayfly(["policy", "reload"])
            #expect(reload.status == 1)
            #expect(reload.stderr.contains("commit \(second) is not signed by a listed key"), "\(reload.stderr)")
            let status = try await status(lab)
            #expect(status.policyCommit == first)
            #expect(status.policyProblem?.contains(second) == true)
            _ = try await lab.x509("client")
        }
    }

    @Test func `an older commit is refused unless asked for, also by a server that starts`() async throws {
        try await Self.open { lab, repository in
            let first = try await repository.head
            let second = try await repository.commit(TestPolicy.x509 + "\n# edited\n", signedBy: "lead")
            try await lab.mayfly(["policy", "reload"])
            try await repository.git("reset", "--quiet", "--hard", first)
            let refused = try await lab.ca.mayfly(["policy", "reload"])
            #expect(refused.status == 1)
            #expect(refused.stderr.contains("commit \(first) does not come after \(second)"), "\(refused.stderr)")

            let restart = ["serve", "--dir", lab.ca.caDirectory]
            let start = try await run(MayflyCA.binary, restart, environment: ["HOME": lab.ca.home])
            #expect(start.status == 1)
            #expect(start.stderr.contains("does not come after"), "\(start.stderr)")

            try await lab.mayfly(["policy", "reload", "--allow-older"])
            #expect(try await status(lab).policyCommit == first)
        }
    }

    @Test func `a link in place of a policy file is refused`() async throws {
        try await Self.open { lab, repository in
            try FileManager.default.createSymbolicLink(
                atPath: repository.policies + "/other.yaml", withDestinationPath: "/etc/passwd")
            try await repository.commit(signedBy: "lead")
            let reload = try await lab.ca.mayfly(["policy", "reload"])
            #expect(reload.status == 1)
            #expect(reload.stderr.contains("other.yaml` is not a regular file in git"), "\(reload.stderr)")
        }
    }

    @Test func `nothing that the repository's configuration names is run, and it vouches for nobody`() async throws {
        try await Self.open { lab, repository in
            let ran = repository.directory.file("ran")
            let program = try repository.directory.write("#!/bin/sh\ntouch '\(ran)'\nexit 0\n", to: "program", mode: 0o755)
            for key in ["core.fsmonitor", "gpg.ssh.program", "gpg.program", "gpg.openpgp.program", "core.sshCommand"] {
                try await repository.git("config", key, program)
            }
            let all = try repository.directory.write(
                "eve@example.com \(try repository.directory.text(of: "eve.pub"))", to: "all")
            try await repository.git("config", "gpg.ssh.allowedSignersFile", all)
            try await repository.commit(TestPolicy.x509 + "\n# edited\n", signedBy: nil)
            try? FileManager.default.removeItem(atPath: ran)
            #expect(try await lab.ca.mayfly(["policy", "reload"]).status == 1)
            #expect(!FileManager.default.fileExists(atPath: ran))
        }
    }

    @Test func `the certificate issued afterwards names the set of the commit`() async throws {
        try await Self.open { lab, repository in
            let digest = try await run(MayflyCA.binary, ["policy", "check", repository.policies]).checked().stdout
                .split(separator: "\n").last.map(String.init)
            _ = try await lab.x509("client")
            let log = try await lab.mayfly(["audit", "tail", "--json"]).stdout
            let issued = log.split(separator: "\n").last { $0.contains("certificate.issued") }
            #expect(issued?.contains(digest ?? "none") == true)
        }
    }
}
