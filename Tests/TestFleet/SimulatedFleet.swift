// SPDX-License-Identifier: Apache-2.0

import Client
import Foundation
import ServiceAPI
import Synchronization
package import TestSupport

/// Many hosts in one process. Each is enrolled, has a host key, files and connections of its own, and does what
/// `mayfly host sync` does, but for open sessions: there is one kernel.
package final class SimulatedFleet: Sendable {
    /// What the hosts need of the policy, and whoever revokes.
    package static let policy = """
        version: 1
        zones:
          fleet: {hosts: ["*.fleet.example.com"]}
        roles:
          shell: {ssh: {logins: ["{user.login}"], zones: [fleet]}}
          host: {ssh_host: {zones: [fleet]}}
          keeper: {capabilities: [certificates.read, certificates.revoke, tokens.create, hosts.read]}
        allow:
          - {id: admins-work, who: {groups: [admins]}, roles: [shell], lifetime: {default: 1h, max: 8h}}
          - {id: admins-keep, who: {groups: [admins]}, roles: [keeper]}
          - {id: hosts-renew, who: {provider: hosts}, roles: [host], lifetime: {default: 1d, max: 1d}}
        """

    package struct Host: Sendable {
        package let name: String
        let paths: HostPaths
        package var revocationList: String { paths.revocationList }
    }

    package let hosts: [Host]
    private let directory: TemporaryDirectory
    /// When each host installed each list, by name and version.
    private let installations = Mutex<[UInt64: [String: ContinuousClock.Instant]]>([:])

    /// Hosts that enrol beside each other: each starts sshd a few times.
    private static let enrollingTogether = 4

    /// Enrols so many hosts.
    /// - Parameter ca: under `policy`, with its administrator logged in.
    package init(_ count: Int, of ca: MayflyCA) async throws {
        let directory = try TemporaryDirectory(mode: CurrentUser.isRoot ? 0o711 : 0o700)
        self.directory = directory
        hosts = (1...count).map { number in
            Host(
                name: "host\(number).fleet.example.com", paths: HostPaths(root: directory.file("\(number)")))
        }
        if CurrentUser.isRoot {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        let address = try ServerAddress(ca.url), fingerprint = ca.fingerprint
        let state = try Home(environment: ["MAYFLY_HOME": ca.home + "/mayfly"]).server(ca.url)
        try await APIClient.connected(
            to: address, serviceCA: try state.serviceCA(), session: try state.session(now: Date())
        ) { client in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, host) in hosts.enumerated() {
                    if index >= Self.enrollingTogether { try await group.next() }
                    group.addTask {
                        try await Self.enrol(
                            host, at: address, fingerprint,
                            token: try await client.createEnrolmentToken(.init(role: "host", host: host.name)).token)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    private static func enrol(_ host: Host, at address: ServerAddress, _ fingerprint: String, token: String) async throws {
        let paths = host.paths
        try FileManager.default.createDirectory(atPath: paths.dropIns, withIntermediateDirectories: true)
        try await MayflyCA.makeKey(paths.defaultHostKey)
        let lines = [
            "Include \(paths.dropIns)/*.conf", "HostKey \(paths.defaultHostKey)", "PidFile \(paths.root)/sshd.pid", "UsePAM no",
        ]
        let tokenFile = paths.root + "/token"
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: paths.sshdConfiguration))
        try Data(token.utf8).write(to: URL(fileURLWithPath: tokenFile))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: tokenFile)
        let sshd = SSHDaemon(program: try Program.path(of: "sshd"), configuration: paths.sshdConfiguration)
        _ = try await HostEnrolment(paths: paths, files: DurableFiles(), sshd: sshd).run(
            .init(
                address: address, fingerprint: fingerprint, tokenFile: tokenFile, role: "host", name: host.name, zones: nil,
                logins: [CurrentUser.name], hostKey: paths.defaultHostKey, unitProgram: nil), at: { Date() })
    }

    /// All of them keep up to date until `body` returns.
    package func running(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for host in hosts {
                group.addTask { try await self.run(host) }
            }
            do {
                try await body()
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            while let end = await group.nextResult() {
                if case .failure(let error) = end, !(error is CancellationError) { throw error }
            }
        }
    }

    private func run(_ host: Host) async throws {
        let state = try HostState(host.paths)
        try await APIClient.connected(
            to: try ServerAddress(state.url), serviceCA: try AtomicFile.readText(host.paths.serviceCA), session: nil
        ) { client in
            let sync = try HostSync(
                paths: host.paths, files: DurableFiles(), state: state, client: client, now: { Date() })
            let loop = HostSyncLoop(sync, sessions: nil) { note in
                let prefix = "enforces revocation list "
                guard note.hasPrefix(prefix), let version = UInt64(note.dropFirst(prefix.count)) else { return }
                self.installations.withLock { $0[version, default: [:]][host.name] = .now }
            }
            try await loop.run()
        }
    }

    /// When each host that has installed the list did.
    package func installations(of version: UInt64) -> [ContinuousClock.Instant] {
        installations.withLock { Array(($0[version] ?? [:]).values) }
    }
}
