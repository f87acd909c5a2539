// SPDX-License-Identifier: Apache-2.0

import Foundation
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
                environment: ["SECURITY_KEY_FLAGS": "\(flags)"])
        }
    }

    private static let touched = 1
    private static let touchedAndVerified = 5

    private func token(_ type: String, role: String, in lab: Lab) async throws -> Token {
        let (library, key) = try await key(type, in: lab)
        return Token(library: library, key: key, certificate: try await lab.certify(key, role: role))
    }

    private func key(_ type: String, in lab: Lab) async throws -> (library: String, key: String) {
        let source = Repository.root + "/Tests/InteropTests/foreign/security-key.c"
        let library = lab.work.file("security-key.so")
        try await run("clang", ["-shared", "-fPIC", "-Wall", "-Werror", "-o", library, source, "-lcrypto"]).checked()
        let key = lab.work.file("token")
        try await run("ssh-keygen", ["-q", "-t", type, "-w", library, "-N", "", "-C", "", "-f", key]).checked()
        return (library, key)
    }

    @Test(arguments: types)
    func `a login with a touch is one factor, with PIN or fingerprint two`(type: String) async throws {
        let policy = """
            version: 1
            roles:
              careful: {x509: {usage: [client], common_name: careful}}
              administrator: {capabilities: [policies.reload]}
            allow:
              - {id: two-factors, who: {users: [ana@example.com], mfa: true}, roles: [careful], lifetime: {max: 1h}}
              - {id: ada, who: {users: [\(MayflyCA.administrator)]}, roles: [administrator]}
            """
        try await Lab.open(policy: policy) { lab in
            let (library, key) = try await key(type, in: lab)
            let line = try lab.work.text(of: "token.pub").trimmingCharacters(in: .newlines)
            try lab.addUser("ana@example.com", login: "ana", key: line)
            func logIn(reporting flags: Int) async throws -> ProcessResult {
                try await lab.ca.mayfly(
                    [
                        "login", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--user", "ana@example.com", "--ssh-key", key,
                    ], home: lab.work.path,
                    environment: ["SSH_SK_PROVIDER": library, "SECURITY_KEY_FLAGS": "\(flags)"])
            }
            func issued() async throws -> ProcessResult {
                try await lab.ca.mayfly(
                    ["issue", "x509", "--role", "careful", "--out", lab.work.file("tls")], home: lab.work.path)
            }
            try await lab.whenUsersAreRead { try await logIn(reporting: Self.touched).succeeded }
            let denied = try await issued()
            #expect(denied.status == 2 && denied.stderr.contains("second factor"), "\(denied.stderr)")
            #expect(try await logIn(reporting: 0).status == 1, "it was not even touched")
            try await logIn(reporting: Self.touchedAndVerified).checked()
            let allowed = try await issued()
            #expect(allowed.status == 0, "\(allowed.stderr)")
        }
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
