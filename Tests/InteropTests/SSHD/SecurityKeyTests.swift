// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// Keys on a FIDO token log in to a real sshd. The token is software, everything else is OpenSSH's own.
@Suite(.timeLimit(.minutes(10)))
struct SecurityKeyTests {
    private struct Token {
        let library: String
        let key: String
        let certificate: String

        func logIn(to sshd: SSHServer, reporting flags: Int) async throws -> ProcessResult {
            let arguments = try sshd.clientArguments(key: key, certificate: certificate)
            return try await run(
                "ssh", arguments + ["-o", "SecurityKeyProvider=\(library)", "id", "-un"],
                environment: ["SECURITY_KEY_FLAGS": "\(flags)"], timeout: .seconds(30))
        }
    }

    private static let touched = 1
    private static let touchedAndVerified = 5

    private func token(_ type: String, role: String, in lab: Lab) async throws -> Token {
        let source = Repository.root + "/Tests/InteropTests/foreign/security-key.c"
        let library = lab.work.file("security-key.so")
        try await run("clang", ["-shared", "-fPIC", "-Wall", "-Werror", "-o", library, source, "-lcrypto"]).checked()
        let key = lab.work.file("token")
        try await run("ssh-keygen", ["-q", "-t", type, "-w", library, "-N", "", "-C", "", "-f", key]).checked()
        return Token(library: library, key: key, certificate: try await lab.certify(key, role: role))
    }

    static let types = ["ed25519-sk", "ecdsa-sk"]

    @Test(arguments: types)
    func `a key on a token logs in when it is touched, and only then`(type: String) async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let token = try await token(type, role: "shell", in: lab)
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                let login = try await token.logIn(to: sshd, reporting: Self.touched)
                #expect(login.stdout == lab.login + "\n", "\(login.stderr)\(sshd.log)")
                #expect(try await token.logIn(to: sshd, reporting: 0).status == 255)
            }
        }
    }

    @Test(arguments: types)
    func `verify_required wants PIN or fingerprint, not touch alone`(type: String) async throws {
        try await Lab.open(policy: TestPolicy.ssh) { lab in
            let token = try await token(type, role: "token", in: lab)
            try await serving(try await lab.sshd(zones: ["lab"])) { sshd in
                #expect(try await token.logIn(to: sshd, reporting: Self.touched).status == 255)
                #expect(sshd.log.contains("user verification requirement"), "\(sshd.log)")
                let verified = try await token.logIn(to: sshd, reporting: Self.touchedAndVerified)
                #expect(verified.stdout == lab.login + "\n", "\(verified.stderr)\(sshd.log)")
            }
        }
    }
}
