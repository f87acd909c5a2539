// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// Clients recognize hosts by our certificates, and by nothing else of ours.
@Suite(.timeLimit(.minutes(10)))
struct SSHHostCertificateTests {
    private static let refusal = "Host key verification failed"

    @Test func `a host is believed under its own name and under the host CA alone`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let hostKey = try await lab.makeKey("host")
            let hostCertificate = try await lab.certifyHost(hostKey, name: "web1.lab.example.com")
            let key = try await lab.makeKey("key")
            let certificate = try await lab.certify(key, role: "shell")
            let (userCA, hostCA) = (try await lab.exported("ssh-user"), try await lab.exported("ssh-host"))
            try await serving(
                try await lab.sshd(zones: ["lab"], hostKey: hostKey, hostCertificate: hostCertificate)
            ) { sshd in
                func log(_ authority: String, _ name: String) async throws -> ProcessResult {
                    try await sshd.ssh(key: key, certificate: certificate, trusting: .authority(authority, name: name))
                }
                #expect(try await log(hostCA, "web1.lab.example.com").succeeded)
                let otherName = try await log(hostCA, "web2.lab.example.com")
                #expect(otherName.status == 255)
                #expect(otherName.stderr.contains(Self.refusal))
                let otherCA = try await log(userCA, "web1.lab.example.com")
                #expect(otherCA.status == 255)
                #expect(otherCA.stderr.contains(Self.refusal))
            }
        }
    }

    @Test func `an expired host certificate is refused, and a renewed one is believed without a restart`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let certificate = try await lab.certify(key, role: "shell")
            let hostCA = try await lab.exported("ssh-host")
            let hostKey = try await lab.makeKey("host")
            let hostCertificate = try await lab.certifyHost(hostKey, name: "localhost", ["--lifetime", "1s"])
            try await serving(
                try await lab.sshd(zones: ["lab"], hostKey: hostKey, hostCertificate: hostCertificate)
            ) { sshd in
                func log() async throws -> ProcessResult {
                    try await sshd.ssh(
                        key: key, certificate: certificate, trusting: .authority(hostCA, name: "localhost"))
                }
                try await Task.sleep(for: .seconds(2))
                let refused = try await log()
                #expect(refused.status == 255)
                #expect(refused.stderr.contains("Certificate invalid: expired"))
                _ = try await lab.certifyHost(hostKey, name: "localhost")
                #expect(try await log().succeeded)
            }
        }
    }

    @Test func `a host certificate logs nobody in`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let hostCertificate = try await lab.certifyHost(key, name: "localhost")
            let userCertificate = try await lab.certify(key, role: "shell")
            // Everything else would be right: this sshd trusts the host CA too, and the principal is the host's name.
            let configuration = SSHServer.Configuration(
                userCAKeys: [try await lab.exported("ssh-host"), try await lab.exported("ssh-user")],
                principals: [lab.login: ["localhost", "\(lab.login)@zone:lab"]])
            try await serving(try await SSHServer(configuration)) { sshd in
                let refused = try await sshd.ssh(key: key, certificate: hostCertificate)
                #expect(refused.status == 255)
                #expect(!sshd.log.contains("Accepted"))
                #expect(try await sshd.ssh(key: key, certificate: userCertificate).succeeded)
            }
        }
    }
}
