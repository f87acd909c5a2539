// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// sshd enforces the options of our certificates.
@Suite(.timeLimit(.minutes(10)))
struct SSHOptionTests {
    @Test func `the forced command runs in place of the one that was asked for`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let certificate = try await lab.certify(key, role: "forced")
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                let session = try await sshd.ssh(key: key, certificate: certificate, command: ["id", "-un"])
                #expect(session.stdout == "forced, not id -un\n", "\(session.stderr)")
            }
        }
    }

    @Test func `a certificate works from the networks it names and from no other`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                let here = try await lab.certify(key, role: "from-here")
                #expect(try await lab.listing(here).contains("source-address 192.0.2.0/24,127.0.0.0/8,::1/128"))
                #expect(try await sshd.ssh(key: key, certificate: here).succeeded, "\(sshd.log)")

                let requester = try await lab.certify(key, role: "from-requester")
                #expect(try await lab.listing(requester).contains("source-address 127.0.0.1/32"))
                #expect(try await sshd.ssh(key: key, certificate: requester).succeeded, "\(sshd.log)")

                let elsewhere = try await lab.certify(key, role: "from-elsewhere")
                #expect(try await sshd.ssh(key: key, certificate: elsewhere).status == 255)
                #expect(sshd.log.contains("Refused by certificate options"))
            }
        }
    }

    @Test func `only a certificate that allows it gets a terminal`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let with = try await lab.certify(key, role: "shell")
            let without = try await lab.certify(key, role: "bare")
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                func terminal(_ certificate: String) async throws -> ProcessResult {
                    let arguments = try sshd.clientArguments(key: key, certificate: certificate)
                    return try await run("ssh", arguments + ["-tt", "tty"])
                }
                let given = try await terminal(with)
                // An ordinary user's sshd may be unable to give the terminal away, but it tries.
                let wasTried = !CurrentUser.isRoot && sshd.log.contains("chown(/dev/pts/")
                #expect(given.stdout.hasPrefix("/dev/pts/") || wasTried, "\(given.stderr)\(sshd.log)")
                let refused = try await terminal(without)
                #expect(!refused.stdout.contains("/dev/pts/"))
                #expect(refused.stderr.contains("PTY allocation request failed"), "\(refused.stderr)\(refused.stdout)")
            }
        }
    }

    @Test func `only a certificate that allows it forwards ports`() async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let key = try await lab.makeKey("key")
            let with = try await lab.certify(key, role: "shell")
            let without = try await lab.certify(key, role: "bare")
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                func greeting(_ certificate: String) async throws -> String {
                    let arguments = try sshd.clientArguments(key: key, certificate: certificate)
                    return try await run("ssh", ["-W", "127.0.0.1:\(sshd.port)"] + arguments).stdout
                }
                let (given, refused) = (try await greeting(with), try await greeting(without))
                #expect(given.hasPrefix("SSH-2.0-"))
                #expect(refused.isEmpty)
            }
        }
    }
}
