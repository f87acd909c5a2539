// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// A host that can enrol at a lab's CA, and people who log in to it.
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
    let lab: Lab
    private let server: EnrollableHost
    private let hostCA: String

    var root: String { server.root }
    var log: String { server.log }
    var logPath: String { server.logPath }
    var processID: Int32 { server.processID }
    var ssh: String { root + "/etc/ssh" }
    var revocationList: String { ssh + "/mayfly/revoked.krl" }

    init(_ lab: Lab, name: String = "web1.lab.example.com") async throws {
        self.lab = lab
        self.name = name
        hostCA = try await lab.exported("ssh-host")
        server = try await EnrollableHost()
    }

    func stop() async { await server.stop() }

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
        let process = try await server.sync(home: lab.ca.home, log: log)
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
            "ConnectTimeout=60", "HostName=127.0.0.1", "HostKeyAlias=\(name)", "CertificateFile=\(certificate)",
        ]
        return (command == nil ? ["-N"] : []) + ["-F", "none", "-p", "\(server.port)", "-i", key]
            + options.flatMap { ["-o", $0] }
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
