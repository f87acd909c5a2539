// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// What servers and clients are given to trust.
struct Trust {
    /// The line of the SSH user CA and of the SSH host CA.
    let sshUserCA: String
    let sshHostCA: String
    /// Files.
    let root: String
    let bundle: String
}

/// Files of one X.509 credential.
struct Credential {
    let leaf: String
    let chain: String
    let key: String
}

extension Demo {
    /// Shows the command unless told not to, and returns what it printed.
    @discardableResult
    func mayfly(_ ca: MayflyCA, _ arguments: [String], showing: Bool = true) async throws -> String {
        if showing {
            let shown = arguments.map { $0.replacingOccurrences(of: work.path + "/", with: "") }
            narrator.command("mayfly " + shown.joined(separator: " "))
        }
        return try await ca.mayfly(arguments).checked().stdout
    }

    func exported(from ca: MayflyCA) async throws -> Trust {
        func export(_ format: String) async throws -> String {
            try await mayfly(ca, ["ca", "export", "--format", format], showing: false)
        }
        return Trust(
            sshUserCA: try await export("ssh-user").trimmingCharacters(in: .newlines),
            sshHostCA: try await export("ssh-host").trimmingCharacters(in: .newlines),
            root: try work.write(try await export("root"), to: "root.pem", mode: 0o644),
            bundle: try work.write(try await export("bundle"), to: "bundle.pem", mode: 0o644))
    }

    func startSSHD(_ ca: MayflyCA, _ trust: Trust) async throws -> SSHServer {
        let hostKey = work.file("ssh_host_key")
        try await MayflyCA.makeKey(hostKey)
        try await mayfly(
            ca, ["issue", "ssh-host", "--role", "lab-host", "--public-key", hostKey + ".pub", "--host", "localhost"])
        let principals = work.file("host")
        try await mayfly(
            ca, ["host", "config", "--zones", "lab", "--logins", login, "--hostname", "localhost", "--dir", principals])
        let lines = try String(contentsOfFile: "\(principals)/principals/\(login)", encoding: .utf8)
        return try await SSHServer(
            .init(
                userCAKeys: [trust.sshUserCA], principals: [login: lines.split(separator: "\n").map(String.init)],
                hostKey: hostKey, hostCertificate: work.file("ssh_host_key-cert.pub")))
    }

    func serverCertificate(_ ca: MayflyCA) async throws -> Credential {
        try await x509(ca, ["--role", "lab-server", "--name", "localhost"], folder: "server")
    }

    func clientCertificate(_ ca: MayflyCA, role: String) async throws -> Credential {
        try await x509(ca, ["--role", role, "--lifetime", "10s"], folder: role)
    }

    private func x509(_ ca: MayflyCA, _ arguments: [String], folder: String) async throws -> Credential {
        let path = work.file(folder)
        try await mayfly(ca, ["issue", "x509"] + arguments + ["--out", path])
        return Credential(leaf: path + "/cert.pem", chain: path + "/chain.pem", key: path + "/key.pem")
    }

    /// A session that stays open while its certificate expires.
    func openSession(_ sshd: SSHServer, _ key: String, _ trust: Trust) async throws -> BackgroundProcess {
        let arguments = try sshd.clientArguments(
            key: key, certificate: key + "-cert.pub", as: login, trusting: .authority(trust.sshHostCA, name: "localhost"))
        let session = try await BackgroundProcess(
            // It ends when nobody reads it any more: sshd ends no command of a session without terminal.
            "ssh session", "ssh", arguments + ["exec sh -c 'while echo open; do sleep 0.2; done'"],
            logPath: work.file("session.log"))
        try await session.waitUntilReady { session.log.contains("open") }
        return session
    }
}
