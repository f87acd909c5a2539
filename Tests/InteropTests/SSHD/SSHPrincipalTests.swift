// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// sshd enforces who may be whom, and where.
@Suite(.timeLimit(.minutes(10)))
struct SSHPrincipalTests {
    private static let refusal = "Certificate does not contain an authorized principal"

    @Test func `a certificate for a zone opens the hosts of that zone and no other`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let near = try await lab.certify(key, role: "shell")
            let far = try await lab.certify(key, role: "far")
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                #expect(try await sshd.ssh(key: key, certificate: near).stdout == lab.login + "\n")
                #expect(sshd.log.contains("ID \(MayflyCA.administrator)/shell/admins-do-all (serial 1)"))
                #expect(!sshd.log.contains(Self.refusal))
                #expect(try await sshd.ssh(key: key, certificate: far).status == 255)
                #expect(sshd.log.contains(Self.refusal))

                try sshd.setPrincipals(
                    try await lab.principals(zones: ["far"], hostname: "db1.far.example.com"), for: lab.login)
                #expect(try await sshd.ssh(key: key, certificate: near).status == 255)
                #expect(try await sshd.ssh(key: key, certificate: far).succeeded)
            }
        }
    }

    @Test func `a certificate narrowed to one host opens that host and no other of its zone`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let narrowed = try await lab.certify(key, role: "shell", ["--host", "web1.lab.example.com"])
            #expect(try await lab.listing(narrowed).contains("\(lab.login)@host:web1.lab.example.com"))
            try await serving(try await lab.sshd(zones: ["lab"], hostname: "web1.lab.example.com")) { sshd in
                #expect(try await sshd.ssh(key: key, certificate: narrowed).succeeded)
                try sshd.setPrincipals(
                    try await lab.principals(zones: ["lab"], hostname: "web2.lab.example.com"), for: lab.login)
                #expect(try await sshd.ssh(key: key, certificate: narrowed).status == 255)
                #expect(sshd.log.contains(Self.refusal))
            }
        }
    }

    @Test func `a certificate for another login opens nothing here`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let certificate = try await lab.certify(key, role: "other-login")
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                let refused = try await sshd.ssh(key: key, certificate: certificate)
                #expect(refused.status == 255)
                #expect(sshd.log.contains(Self.refusal))
            }
        }
    }

    @Test func `plain principals work where sshd lists them`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let certificate = try await lab.certify(key, role: "plain")
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                #expect(try await sshd.ssh(key: key, certificate: certificate).status == 255)
                try sshd.setPrincipals(["ops"], for: lab.login)
                #expect(try await sshd.ssh(key: key, certificate: certificate).succeeded)
            }
        }
    }

    @Test func `an expired certificate is refused, and the log of sshd says why`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                let certificate = try await lab.certify(key, role: "shell", ["--lifetime", "40s"])
                let issued = ContinuousClock.now
                #expect(try await sshd.ssh(key: key, certificate: certificate).succeeded, "\(sshd.log)")
                try await Task.sleep(until: issued + .seconds(41))
                #expect(try await sshd.ssh(key: key, certificate: certificate).status == 255)
                #expect(sshd.log.contains("Certificate invalid: expired"))
            }
        }
    }

    @Test func `certificates of another CA, or of the host CA, are refused`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let certificate = try await lab.certify(key, role: "shell")
            try await Lab.openAnother(policy: TestPolicy.ssh) { other in
                try await serving(try await other.sshd(zones: ["lab"])) { sshd in
                    let refused = try await sshd.ssh(key: key, certificate: certificate)
                    #expect(refused.status == 255)
                    #expect(!sshd.log.contains("Accepted"))
                }
            }
            let principals = try await lab.principals(zones: ["lab"], hostname: "localhost")
            let trustsHosts = SSHServer.Configuration(
                userCAKeys: [try await lab.exported("ssh-host")], principals: [lab.login: principals])
            try await serving(try await SSHServer(trustsHosts)) { sshd in
                let refused = try await sshd.ssh(key: key, certificate: certificate)
                #expect(refused.status == 255)
            }
        }
    }
}
