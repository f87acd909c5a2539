// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A real sshd on 127.0.0.1 that accepts certificates of one user CA and nothing else.
///
/// As root it lets root in; as an ordinary user it can only let that user in (`loginUser`), whose shell must run commands.
/// Sessions get an empty home directory of their own. Neither the host's `sshd_config` nor anybody's `~/.ssh` is read. sshd reads
/// the CA keys, principals, revoked keys and host certificate again for every login.
package final class SSHServer: RunningServer {
    package struct Configuration: Sendable {
        /// Lines as in `ssh_user_ca.pub`.
        package var userCAKeys: [String]
        /// For each login the principals it accepts, as lines of an AuthorizedPrincipalsFile (sshd_config(5)).
        package var principals: [String: [String]]
        /// A private key file; without it a new Ed25519 key is made.
        package var hostKey: String?
        package var hostCertificate: String?
        /// A KRL or a list of keys. An empty file revokes nothing; a missing or malformed one refuses everybody.
        package var revokedKeys: String?
        /// More lines of `sshd_config`; the first setting of a keyword counts, and these come first. Do not set `SetEnv`.
        package var extraLines: [String]
        /// Accounts that only this server has, besides `loginUser`; needs root (`canHaveAccounts`).
        package var accounts: [Account] = []
        /// Whether it logs to a systemd journal of its own instead of `log`; needs root (`canHaveJournal`).
        package var logsToJournal = false

        package init(
            userCAKeys: [String], principals: [String: [String]], hostKey: String? = nil, hostCertificate: String? = nil,
            revokedKeys: String? = nil, extraLines: [String] = []
        ) {
            self.userCAKeys = userCAKeys
            self.principals = principals
            self.hostKey = hostKey
            self.hostCertificate = hostCertificate
            self.revokedKeys = revokedKeys
            self.extraLines = extraLines
        }
    }

    /// The user whom a server started by this process can let in.
    package static var loginUser: String { CurrentUser.name }

    package let port: Int
    /// The host key, as in a `.pub` file.
    package let hostKeyLine: String
    let directory: TemporaryDirectory
    private let process: BackgroundProcess

    package var processID: Int32 { process.processID }
    package var logPath: String { process.logPath }
    package var configurationPath: String { directory.file("sshd_config") }
    package var principalsDirectory: String { directory.file("principals") }
    package var userCAPath: String { directory.file("user_ca.pub") }
    /// What sshd wrote, at `LogLevel VERBOSE`: a line with `Accepted publickey`, or one with the reason of a refusal.
    package var log: String { process.log }

    package init(_ configuration: Configuration) async throws {
        // sshd reads the principals as the user who logs in.
        directory = try TemporaryDirectory(mode: CurrentUser.isRoot ? 0o711 : 0o700)
        port = try Loopback.freePort()
        if CurrentUser.isRoot {
            // The privilege separation directory, which Debian makes when the service starts. Only root's sshd needs it.
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        let hostKey = configuration.hostKey ?? directory.file("host_key")
        if configuration.hostKey == nil {
            try await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", hostKey]).checked()
        }
        hostKeyLine = try await run("ssh-keygen", ["-y", "-f", hostKey]).checked().stdout
            .trimmingCharacters(in: .whitespacesAndNewlines)
        try directory.write(configuration.userCAKeys.joined(separator: "\n") + "\n", to: "user_ca.pub", mode: 0o644)
        let principals = try directory.makeDirectory("principals", mode: 0o755)
        for (login, lines) in configuration.principals {
            try directory.write(lines.map { $0 + "\n" }.joined(), to: "principals/" + login, mode: 0o644)
        }

        let home = try directory.makeDirectory("home", mode: 0o755)

        var lines = configuration.extraLines
        lines += [
            "Port \(port)",
            "ListenAddress 127.0.0.1",
            "HostKey \"\(hostKey)\"",
            "PidFile none",
            "LogLevel VERBOSE",
            "TrustedUserCAKeys \"\(directory.file("user_ca.pub"))\"",
            "AuthorizedPrincipalsFile \"\(principals)/%u\"",
            "AuthorizedKeysFile none",
            "AuthenticationMethods publickey",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password",
            // PAM lets a locked account in with a key, as on a real host; elsewhere the test should not depend on it.
            "UsePAM \(CurrentUser.isLocked ? "yes" : "no")",
            // It also judges the principals' directory, and anything in /tmp fails.
            "StrictModes no",
            // The login shell runs the command, and bash then reads ~/.bashrc, zsh ~/.zshenv: neither is the test's business.
            "SetEnv \"HOME=\(home)\"",
            // As `mayfly host config` has it: whoever looks at all sessions of this machine knows whose certificate opened them.
            "ExposeAuthInfo yes",
            "PermitUserRC no",
            "PrintMotd no",
            "PrintLastLog no",
        ]
        if let path = configuration.hostCertificate { lines.append("HostCertificate \"\(path)\"") }
        if let path = configuration.revokedKeys { lines.append("RevokedKeys \"\(path)\"") }
        let file = try directory.write(lines.joined(separator: "\n") + "\n", to: "sshd_config")

        let command = try Self.command(configuration, file, directory)
        let process = try await BackgroundProcess(
            "sshd", command[0], Array(command.dropFirst()), logPath: directory.file("sshd.log"), stopSignal: .kill)
        let port = port
        try await process.waitUntilReady {
            if process.log.contains("Server listening") { return true }
            guard configuration.logsToJournal else { return false }
            return try await run("bash", ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(port)"]).succeeded
        }
        self.process = process
    }

    /// Replaces the principals that `login` accepts, from the next login on.
    package func setPrincipals(_ lines: [String], for login: String) throws {
        try directory.write(lines.map { $0 + "\n" }.joined(), to: "principals/" + login, mode: 0o644)
    }

    /// What sshd says of a connection may come after the client is gone.
    package func waitUntilLogged(_ text: String) async throws {
        try await process.waitUntilReady(within: .seconds(60)) { process.log.contains(text) }
    }

    /// Stops sshd and all sessions.
    package func stop() async { await process.stop() }
}
