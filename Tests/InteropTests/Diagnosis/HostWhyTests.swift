// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A real sshd is broken in each way there is, and the cause that its log shows is the one that `mayfly host why` names.
@Suite(.timeLimit(.minutes(10)))
struct HostWhyTests {
    /// One way in which a login goes wrong.
    struct Breakage: Sendable, CustomTestStringConvertible {
        let name: String
        /// The check that tells of it.
        let check: String
        var outcome = "problem"
        /// What the finding says.
        let finding: String
        /// What sshd writes about it; `nil` where the login works all the same.
        let log: String?
        var lines: [String] = []
        var accounts: [SSHServer.Account] = []
        /// Who logs in.
        var login = SSHServer.loginUser
        var principals = ["{login}@zone:lab"]
        var certified = ["{login}@zone:lab"]
        var validity = "-1m:+30m"
        var options: [String] = []
        /// What to do to the files of the server before the login.
        var change: @Sendable (SSHServer, WhyLab) async throws -> Void = { _, _ in }

        var testDescription: String { name }
        var isPossible: Bool { accounts.isEmpty || SSHServer.canHaveAccounts }
    }

    static let breakages: [Breakage] = [
        Breakage(
            name: "another CA", check: "trusted-ca", finding: "does not hold", log: "Failed publickey",
            change: { sshd, lab in
                try await MayflyCA.makeKey(lab.work.file("other"), type: ["-t", "ed25519"])
                try lab.replace(sshd.userCAPath, with: String(contentsOfFile: lab.work.file("other.pub"), encoding: .utf8))
            }),
        Breakage(
            name: "no CA file", check: "trusted-ca", finding: "cannot be read", log: "Failed publickey",
            change: { sshd, _ in try FileManager.default.removeItem(atPath: sshd.userCAPath) }),
        Breakage(
            name: "no CA", check: "trusted-ca", finding: "`TrustedUserCAKeys` is not set", log: "Failed publickey",
            lines: ["TrustedUserCAKeys none"]),
        Breakage(
            name: "another zone", check: "principals", finding: "@zone:other`",
            log: "does not contain an authorized principal", principals: ["{login}@zone:other"]),
        Breakage(
            name: "no principals file", check: "principals", finding: "does not exist",
            log: "does not contain an authorized principal",
            change: { sshd, _ in
                try FileManager.default.removeItem(atPath: "\(sshd.principalsDirectory)/\(SSHServer.loginUser)")
            }),
        Breakage(
            name: "no principals", check: "principals", finding: "`AuthorizedPrincipalsFile` is not set",
            log: "Failed publickey", lines: ["AuthorizedPrincipalsFile none"]),
        Breakage(
            name: "closed principals", check: "principals", finding: "is closed to `tina`", log: "Permission denied",
            accounts: ["tina"], login: "tina",
            change: { sshd, _ in try WhyLab.setMode(0o700, of: sshd.principalsDirectory) }),
        Breakage(
            name: "loose principals", check: "strict-modes", finding: "`/tmp` can be written by others",
            log: "bad ownership or modes", lines: ["StrictModes yes"]),
        Breakage(
            name: "revoked", check: "revoked-keys", finding: "revokes the certificate, serial 7", log: "revoked by file",
            lines: ["RevokedKeys {krl}"], change: { _, lab in try await lab.revoke([7]) }),
        Breakage(
            name: "no list", check: "revoked-keys", finding: "cannot be read", log: "No such file", lines: ["RevokedKeys {krl}"]
        ),
        Breakage(
            name: "damaged list", check: "revoked-keys", finding: "is damaged", log: "invalid format",
            lines: ["RevokedKeys {krl}"],
            change: { _, lab in try lab.replace(lab.krl, with: "SSHKRL\n\u{0}garbage") }),
        Breakage(
            name: "empty list", check: "revoked-keys", finding: "is empty", log: nil, lines: ["RevokedKeys {krl}"],
            change: { _, lab in try lab.replace(lab.krl, with: "") }),
        Breakage(
            name: "no revocation", check: "revoked-keys", outcome: "warning", finding: "`RevokedKeys` is not set", log: nil),
        Breakage(
            name: "another command", check: "force-command", finding: "instead of the certificate's `echo certificate`",
            log: nil, lines: ["ForceCommand echo configuration"], options: ["force-command=echo certificate"]),
        Breakage(
            name: "CA algorithms", check: "ca-algorithm", finding: "does not have `ssh-ed25519`",
            log: "signature algorithm not supported", lines: ["CASignatureAlgorithms rsa-sha2-512"]),
        Breakage(
            name: "key algorithms", check: "key-algorithm", finding: "does not have `ssh-ed25519-cert-v01@openssh.com`",
            log: "not in PubkeyAcceptedAlgorithms", lines: ["PubkeyAcceptedAlgorithms ssh-ed25519"]),
        Breakage(
            name: "no public keys", check: "public-key", finding: "`PubkeyAuthentication` is off",
            log: "Connection closed by authenticating user", lines: ["PubkeyAuthentication no", "AuthenticationMethods any"]),
        Breakage(
            name: "a second method", check: "public-key", finding: "publickey,keyboard-interactive",
            log: "Partial publickey",
            lines: ["KbdInteractiveAuthentication yes", "AuthenticationMethods publickey,keyboard-interactive"]),
        Breakage(
            name: "AllowUsers", check: "user-lists", finding: "`AllowUsers` does not list",
            log: "not listed in AllowUsers", lines: ["AllowUsers nobody-else *@192.0.2.*"]),
        Breakage(
            name: "DenyUsers", check: "user-lists", finding: "`DenyUsers` lists", log: "listed in DenyUsers",
            lines: ["DenyUsers *@127.0.0.0/8"]),
        Breakage(
            name: "AllowGroups", check: "user-lists", finding: "`AllowGroups` lists no group", log: "listed in AllowGroups",
            lines: ["AllowGroups no-such-group"]),
        Breakage(
            name: "expired", check: "validity", finding: "it expired at", log: "Certificate invalid: expired",
            validity: "-2h:-1h"),
        Breakage(
            name: "not yet valid", check: "validity", finding: "it is valid from", log: "not yet valid", validity: "+1h:+2h"),
        Breakage(
            name: "another address", check: "source-address", finding: "not from `127.0.0.1`",
            log: "not from a permitted source address", options: ["source-address=192.0.2.0/24"]),
        Breakage(
            name: "keys beside the CA", check: "authorized-keys", outcome: "warning", finding: "never expire", log: nil,
            lines: ["AuthorizedKeysFile {keys}"],
            change: { _, lab in try lab.replace(lab.work.file("keys"), with: "ssh-ed25519 AAAA someone\n") }),
        Breakage(
            name: "a locked account", check: "account", finding: "`tina` is locked", log: "account is locked",
            accounts: [.locked("tina")], login: "tina"),
        Breakage(
            name: "no shell", check: "account", finding: "`/nonexistent/shell` is not there", log: "shell /nonexistent/shell",
            accounts: [.shell("tina", "/nonexistent/shell")], login: "tina"),
        Breakage(
            name: "root", check: "root-login", finding: "`PermitRootLogin` is `no`", log: "ROOT LOGIN REFUSED",
            lines: ["PermitRootLogin no"], accounts: ["tina"]),
        Breakage(
            name: "a Match block", check: "user-lists", finding: "`DenyUsers` lists", log: "listed in DenyUsers",
            lines: ["Match Address 127.0.0.1", "DenyUsers *", "Match All"]),
    ]

    @Test(arguments: breakages)
    func `the cause that sshd logs is named`(breakage: Breakage) async throws {
        guard breakage.isPossible else { return }
        try await WhyLab.open(breakage) { lab in
            try await breakage.change(lab.sshd, lab)
            let login = try await lab.sshd.ssh(key: lab.key, certificate: lab.certificate, as: breakage.login)
            #expect(login.succeeded == (breakage.log == nil), "\(login.stderr)\(lab.sshd.log)")
            if let log = breakage.log { try await lab.sshd.waitUntilLogged(log) }

            let (checks, status) = try await lab.why(breakage.login)
            let named = checks.contains {
                $0.check == breakage.check && $0.outcome == breakage.outcome && $0.finding.contains(breakage.finding)
            }
            #expect(named, "\(checks)")
            #expect(checks.filter { $0.outcome == "problem" }.allSatisfy { $0.check == breakage.check }, "\(checks)")
            #expect(checks.filter { $0.outcome == breakage.outcome }.allSatisfy { $0.mend != nil })
            #expect(status == (breakage.outcome == "problem" ? 1 : 0))
        }
    }

    @Test func `where nothing is broken nothing is found`() async throws {
        let good = Breakage(name: "nothing", check: "", finding: "", log: nil, lines: ["RevokedKeys {krl}"])
        try await WhyLab.open(good) { lab in
            try await lab.revoke([99])
            let login = try await lab.sshd.ssh(key: lab.key, certificate: lab.certificate)
            #expect(login.succeeded, "\(lab.sshd.log)")
            let (checks, status) = try await lab.why(SSHServer.loginUser)
            #expect(checks.allSatisfy { $0.outcome == "ok" || $0.outcome == "unknown" && !CurrentUser.isRoot }, "\(checks)")
            #expect(status == 0)
            #expect(checks.contains { $0.check == "principals" && $0.finding.contains("@zone:lab`") })
        }
    }

    @Test func `a configuration that sshd refuses is told in its words`() async throws {
        let good = Breakage(name: "nothing", check: "", finding: "", log: nil)
        try await WhyLab.open(good) { lab in
            let path = try lab.work.write("Port 22\nNoSuchWord yes\n", to: "broken_config")
            let result = try await lab.host(SSHServer.loginUser, configuration: path)
            #expect(result.stdout.contains("problem  sshd-config"))
            #expect(result.stdout.contains("NoSuchWord"))
            #expect(result.status == 1)
        }
    }

    @Test func `who is not there is not let in`() async throws {
        try await WhyLab.open(Breakage(name: "nothing", check: "", finding: "", log: nil)) { lab in
            let (checks, status) = try await lab.why("nosuchuser")
            #expect(checks.contains { $0.check == "account" && $0.finding.contains("no account `nosuchuser`") })
            #expect(status == 1)
        }
    }
}

extension SSHServer.Account {
    fileprivate static func locked(_ name: String) -> Self {
        var account = Self(stringLiteral: name)
        account.password = "!"
        return account
    }

    fileprivate static func shell(_ name: String, _ shell: String) -> Self {
        var account = Self(stringLiteral: name)
        account.shell = shell
        return account
    }
}
