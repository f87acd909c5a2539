// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// A host with an sshd of its own, which reads its configuration from where a host has it, below a folder.
final class HostLab: RunningServer {
    static let policy = """
        version: 1
        zones:
          lab: {hosts: ["*.lab.example.com"]}
        roles:
          shell: {ssh: {logins: ["{user.login}"], zones: [lab], extensions: [pty]}}
          ending: {ssh: {logins: ["{user.login}"], zones: [lab], extensions: [pty], end_session_at_expiry: true}}
          host: {ssh_host: {zones: [lab]}}
          keeper:
            capabilities:
              [audit.read, certificates.read, certificates.revoke, tokens.create, hosts.read, hosts.remove, keys.rotate]
        allow:
          - {id: admins-work, who: {groups: [admins]}, roles: [shell], lifetime: {default: 1h, max: 8h}}
          - {id: admins-end, who: {groups: [admins]}, roles: [ending], lifetime: {default: 1h, max: 8h}}
          - {id: admins-keep, who: {groups: [admins]}, roles: [keeper]}
          - {id: hosts-renew, who: {provider: hosts}, roles: [host], lifetime: {default: 1d, max: 1d}}
        """

    let name: String
    let root: String
    let lab: Lab
    private let directory: TemporaryDirectory
    private let process: BackgroundProcess
    private let port: Int
    private let hostCA: String

    var log: String { process.log }
    var logPath: String { process.logPath }
    var processID: Int32 { process.processID }
    var ssh: String { root + "/etc/ssh" }
    var revocationList: String { ssh + "/mayfly/revoked.krl" }

    init(_ lab: Lab, name: String = "web1.lab.example.com") async throws {
        self.lab = lab
        self.name = name
        directory = try TemporaryDirectory(mode: CurrentUser.isRoot ? 0o711 : 0o700)
        root = try directory.makeDirectory("root", mode: 0o755)
        for folder in ["etc", "etc/ssh", "etc/ssh/sshd_config.d", "etc/systemd", "etc/systemd/system", "home"] {
            try directory.makeDirectory("root/" + folder, mode: 0o755)
        }
        if CurrentUser.isRoot {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        let hostKey = root + "/etc/ssh/ssh_host_ed25519_key"
        try await MayflyCA.makeKey(hostKey)
        port = try Loopback.freePort()
        hostCA = try await lab.exported("ssh-host")
        let lines = [
            "Include \(root)/etc/ssh/sshd_config.d/*.conf", "Port \(port)", "ListenAddress 127.0.0.1", "HostKey \(hostKey)",
            "PidFile \(directory.file("sshd.pid"))", "LogLevel VERBOSE", "AuthorizedKeysFile none",
            "AuthenticationMethods publickey", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password", "UsePAM \(CurrentUser.isLocked ? "yes" : "no")", "StrictModes no",
            "SetEnv \"HOME=\(root)/home\"", "PermitUserRC no", "PrintMotd no", "PrintLastLog no",
        ]
        let file = try directory.write(lines.joined(separator: "\n") + "\n", to: "root/etc/ssh/sshd_config", mode: 0o644)
        let process = try await BackgroundProcess(
            "sshd", "sshd", ["-D", "-e", "-f", file], logPath: directory.file("sshd.log"))
        try await process.waitUntilReady { process.log.contains("Server listening") }
        self.process = process
    }

    func stop() async { await process.stop() }

    /// The commands of a host, below its folder.
    func mayfly(_ arguments: [String]) async throws -> ProcessResult {
        let own = arguments.first == "host" ? ["--root", root] : []
        let sshd = ["enroll", "leave", "status", "sync"].contains(arguments.dropFirst().first ?? "")
        return try await lab.ca.mayfly(arguments + own + (sshd ? ["--sshd", try Program.path(of: "sshd")] : []))
    }

    /// Makes a token, and enrols with it.
    func enroll(_ arguments: [String] = [], hosts: String? = nil) async throws -> ProcessResult {
        let token = lab.work.file("token-\(UInt32.random(in: .min ... .max))")
        try await lab.mayfly(["token", "create", "--role", "host", "--host", hosts ?? name, "--out", token])
        return try await enroll(token: token, arguments)
    }

    func enroll(token: String, _ arguments: [String] = []) async throws -> ProcessResult {
        try await mayfly(
            [
                "host", "enroll", lab.ca.url, "--fingerprint", lab.ca.fingerprint, "--token", token, "--role", "host",
                "--host", name, "--logins", lab.login,
            ] + arguments)
    }

    /// `mayfly host sync`, as a host has it running.
    /// - Parameter log: what tells it of logins; sshd's own by default.
    func syncing(
        log: String? = nil, _ body: (BackgroundProcess) async throws -> Void
    ) async throws {
        let process = try await BackgroundProcess(
            "mayfly", MayflyCA.binary,
            ["host", "sync", "--root", root, "--sshd", try Program.path(of: "sshd"), "--log", log ?? logPath],
            environment: ["HOME": lab.ca.home], logPath: lab.work.file("sync-\(UInt32.random(in: .min ... .max)).log"))
        try await serving(process, body)
    }

    /// A session that stays.
    /// - Parameter command: says `ready` and waits; nil opens no session on the connection.
    func connect(
        _ key: String, _ certificate: String, options: [String] = [], command: String? = "echo ready; exec sleep 1000"
    ) async throws -> BackgroundProcess {
        let accepted = log.components(separatedBy: "Accepted publickey").count
        let process = try await BackgroundProcess(
            "ssh", "ssh",
            try options + arguments(key, certificate, command: command),
            logPath: lab.work.file("ssh-\(UInt32.random(in: .min ... .max)).log"))
        try await process.waitUntilReady {
            command == nil
                ? log.components(separatedBy: "Accepted publickey").count > accepted : process.log.contains("ready")
        }
        return process
    }

    /// Logs in as a client that believes the host CA and nothing else.
    /// - Parameter knownHosts: lines of `known_hosts`, where it believes others.
    func logIn(_ key: String, _ certificate: String, knownHosts lines: String? = nil) async throws -> ProcessResult {
        try await run("ssh", try arguments(key, certificate, knownHosts: lines, command: "id -un"))
    }

    private func arguments(
        _ key: String, _ certificate: String, knownHosts lines: String? = nil, command: String?
    ) throws -> [String] {
        let knownHosts = try lab.work.write(
            lines ?? "@cert-authority *.lab.example.com \(hostCA)\n", to: "known_hosts")
        let options = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "UserKnownHostsFile=\(knownHosts)",
            "GlobalKnownHostsFile=/dev/null", "IdentitiesOnly=yes", "IdentityAgent=none", "LogLevel=ERROR",
            "ConnectTimeout=10", "HostName=127.0.0.1", "HostKeyAlias=\(name)", "CertificateFile=\(certificate)",
        ]
        return (command == nil ? ["-N"] : []) + ["-F", "none", "-p", "\(port)", "-i", key] + options.flatMap { ["-o", $0] }
            + ["\(lab.login)@\(name)"] + (command.map { [$0] } ?? [])
    }

    /// Every file below `etc`: its mode and its bytes.
    func snapshot() throws -> [String: String] {
        var found: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root + "/etc") {
            let full = root + "/etc/" + path
            let mode = try FileManager.default.attributesOfItem(atPath: full)[.posixPermissions] as? Int ?? 0
            found[path] = "\(mode) \(FileManager.default.contents(atPath: full)?.base64EncodedString() ?? "folder")"
        }
        return found
    }
}
