// SPDX-License-Identifier: Apache-2.0

extension SSHServer {
    /// What makes the client believe that it talks to the right host.
    package enum HostTrust: Sendable {
        /// The server's own key is known.
        case hostKey
        /// The host must show a certificate of this CA (a line as in `ssh_host_ca.pub`), valid for `127.0.0.1` or the given name.
        case authority(String, name: String = "127.0.0.1")
    }

    /// Arguments for `ssh` that log in here with one key and certificate, and with nothing of the person who runs the test: no
    /// configuration, no agent, no `known_hosts`, no question.
    ///
    /// Add options (`-o`, `-tt`) and the remote command after them. An own connection for each call: no multiplexing.
    /// - Parameter key: a private key file of mode 0600.
    package func clientArguments(
        key: String, certificate: String? = nil, as login: String = SSHServer.loginUser, trusting trust: HostTrust = .hostKey
    ) throws -> [String] {
        let entry: String
        let name: String
        switch trust {
        case .hostKey: (entry, name) = ("127.0.0.1 \(hostKeyLine)", "127.0.0.1")
        case .authority(let line, let host): (entry, name) = ("@cert-authority \(host) \(line)", host)
        }
        let file = "known_hosts-" + String(UInt32.random(in: .min ... .max), radix: 36)
        let knownHosts = try directory.write(entry + "\n", to: file)
        var options = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=\"\(knownHosts)\"",
            "GlobalKnownHostsFile=/dev/null", "IdentitiesOnly=yes", "IdentityAgent=none", "PreferredAuthentications=publickey",
            "ConnectTimeout=60", "LogLevel=ERROR", "HostName=127.0.0.1", "HostKeyAlias=\(name)",
        ]
        if let certificate { options.append("CertificateFile=\"\(certificate)\"") }
        return ["-F", "none", "-p", String(port), "-i", key] + options.flatMap { ["-o", $0] } + [login + "@" + name]
    }

    /// Logs in and runs a command: status 255 and the reason in `stderr` when the login is refused.
    package func ssh(
        key: String, certificate: String? = nil, as login: String = SSHServer.loginUser, trusting trust: HostTrust = .hostKey,
        command: [String] = ["id", "-un"], timeout: Duration = .seconds(120)
    ) async throws -> ProcessResult {
        let arguments = try clientArguments(key: key, certificate: certificate, as: login, trusting: trust)
        return try await run("ssh", arguments + command, timeout: timeout)
    }
}
