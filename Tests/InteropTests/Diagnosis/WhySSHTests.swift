// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `mayfly why ssh`, beside a real CA, ssh, ssh-agent and sshd.
@Suite(.timeLimit(.minutes(10)))
struct WhySSHTests {
    private struct Report: Decodable {
        let checks: [WhyLab.Check]

        func outcome(_ check: String) -> String? { checks.last { $0.check == check }?.outcome }
        func finding(_ check: String) -> String { checks.last { $0.check == check }?.finding ?? "" }
    }

    /// - Parameters:
    ///   - configuration: lines of ssh_config.
    ///   - host: a name that is not this machine's, so that nothing is looked at here.
    private func why(
        _ lab: Lab, host: String = "web1.lab.example.com", configuration: String = "", more: [String] = [],
        environment: [String: String] = ["SSH_AUTH_SOCK": ""]
    ) async throws -> (report: Report, status: Int32) {
        let file = try lab.work.write(configuration + "\n", to: "ssh_config")
        let result = try await lab.ca.mayfly(
            ["why", "ssh", "--json", "\(lab.login)@\(host)"] + more + ["--", "-F", file], environment: environment)
        let report = try JSONDecoder().decode(Report.self, from: Data(result.outputBytes))
        #expect(report.checks.filter { $0.outcome != "ok" && $0.outcome != "unknown" }.allSatisfy { $0.mend != nil })
        return (report, result.status)
    }

    @Test func `where nothing is wrong it says what would be given, and gives nothing`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let before = try await lab.mayfly(["status", "--json"]).stdout
            let (report, status) = try await why(lab, more: ["--role", "from-requester"])
            #expect(status == 0, "\(report.checks)")
            #expect(report.checks.map(\.check) == ["session", "clock", "policy", "certificate", "ssh-config"])
            #expect(report.finding("policy").contains("`\(lab.login)@host:web1.lab.example.com`"))
            #expect(report.finding("policy").contains("role `from-requester` by rule `admins-do-all`"))
            #expect(report.finding("policy").contains("from `127.0.0.1/32` only"))
            #expect(try await lab.mayfly(["certificates", "--json"]).stdout.contains("from-requester") == false)
            let size = /"log_size" : ([0-9]+)/
            let after = try await lab.mayfly(["status", "--json"]).stdout
            #expect(try #require(before.firstMatch(of: size)).1 == #require(after.firstMatch(of: size)).1)
        }
    }

    @Test func `the policy's refusal is told as it would be`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let elsewhere = try await why(lab, host: "db1.elsewhere.example.com")
            #expect(elsewhere.status == 1)
            #expect(elsewhere.report.outcome("policy") == "problem")
            #expect(elsewhere.report.finding("policy").contains("db1.elsewhere.example.com"))
            let tie = try await why(lab, more: ["--role", "far"])
            #expect(tie.report.outcome("policy") == "problem")
            try await lab.mayfly(["logout"])
            let nobody = try await why(lab)
            #expect(nobody.report.outcome("session") == "problem")
            #expect(nobody.report.outcome("policy") == nil)
            #expect(nobody.status == 1)
        }
    }

    @Test(arguments: [
        ("PubkeyAuthentication no", "offers neither keys nor certificates"),
        ("PreferredAuthentications password", "leaves certificates out"),
        ("PubkeyAcceptedAlgorithms ssh-ed25519", "does not have `ssh-ed25519-cert-v01@openssh.com`"),
    ])
    func `a setting by which ssh offers no certificate is named`(line: String, finding: String) async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let (report, status) = try await why(lab, configuration: line, more: ["--role", "shell"])
            #expect(report.outcome("ssh-config") == "problem")
            #expect(report.finding("ssh-config").contains(finding))
            #expect(status == 1)
            // ssh itself agrees.
            let key = try await lab.makeKey("key")
            let certificate = try await lab.certify(key, role: "shell")
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                let arguments = try sshd.clientArguments(key: key, certificate: certificate)
                let option = line.split(separator: " ").joined(separator: "=")
                let login = try await run("ssh", ["-o", option] + arguments + ["true"])
                #expect(login.status == 255)
            }
        }
    }

    @Test func `a certificate in ssh-agent that plain ssh does not offer is noticed`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            try await serving(try await SSHAgent()) { agent in
                try await lab.ca.mayfly(["issue", "ssh", "--role", "shell", "--agent"], environment: agent.environment)
                    .checked()
                let role = ["--role", "shell"]
                let seen = try await why(lab, more: role, environment: agent.environment).report
                #expect(seen.finding("certificate").hasPrefix("in ssh-agent: serial "), "\(seen.checks)")
                #expect(seen.outcome("agent") == nil)
                for line in ["IdentitiesOnly yes", "IdentityAgent none"] {
                    let (report, status) = try await why(
                        lab, configuration: line, more: role, environment: agent.environment)
                    #expect(report.outcome("agent") == "warning", "\(line): \(report.checks)")
                    #expect(report.finding("agent").contains(line))
                    #expect(status == 0)
                }
            }
        }
    }

    @Test func `an expired certificate that the configuration names is found`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            try await MayflyCA.makeKey(lab.work.file("ca"), type: ["-t", "ed25519"])
            try await run(
                "ssh-keygen",
                ["-q", "-s", lab.work.file("ca"), "-I", "x", "-n", lab.login, "-V", "-2h:-1h", "-z", "1", key + ".pub"]
            ).checked()
            let (report, status) = try await why(
                lab, configuration: "CertificateFile \(key)-cert.pub", more: ["--role", "shell"])
            #expect(report.outcome("validity") == "problem")
            #expect(report.finding("certificate").contains("it is of another CA"))
            #expect(status == 1)
        }
    }

    @Test func `on the host the certificate is held against sshd`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            try await serving(try await lab.sshd(zones: ["lab"], hostname: "web1.lab.example.com")) { sshd in
                let here = [
                    "--role", "shell", "--on-host", "--user-ca", sshd.userCAPath, "--sshd-config", sshd.configurationPath,
                ]
                let good = try await why(lab, more: here)
                #expect(good.report.outcome("principals") == "ok", "\(good.report.checks)")
                #expect(good.report.outcome("trusted-ca") == "ok")
                #expect(good.status == 0)
                try sshd.setPrincipals(["someone@zone:else"], for: lab.login)
                let bad = try await why(lab, more: here)
                #expect(bad.report.outcome("principals") == "problem")
                #expect(bad.status == 1)
            }
        }
    }
}
