// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A host with an sshd of its own, which reads its configuration from where a host has it, below a folder: for
/// `mayfly host enroll --root`.
package final class EnrollableHost: RunningServer {
    /// The folder.
    package let root: String
    package let port: Int
    private let directory: TemporaryDirectory
    private let process: BackgroundProcess

    package var log: String { process.log }
    package var logPath: String { process.logPath }
    package var processID: Int32 { process.processID }

    package init() async throws {
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
        let lines = [
            "Include \(root)/etc/ssh/sshd_config.d/*.conf", "Port \(port)", "ListenAddress 127.0.0.1", "HostKey \(hostKey)",
            "PidFile \(directory.file("sshd.pid"))", "LogLevel VERBOSE", "AuthorizedKeysFile none",
            "AuthenticationMethods publickey", "PasswordAuthentication no", "KbdInteractiveAuthentication no",
            "PermitRootLogin prohibit-password", "UsePAM \(CurrentUser.isLocked ? "yes" : "no")", "StrictModes no",
            "SetEnv \"HOME=\(root)/home\"", "PermitUserRC no", "PrintMotd no", "PrintLastLog no",
        ]
        let file = try directory.write(lines.joined(separator: "\n") + "\n", to: "root/etc/ssh/sshd_config", mode: 0o644)
        process = try await BackgroundProcess(
            "sshd", "sshd", ["-D", "-e", "-f", file], logPath: directory.file("sshd.log"), stopSignal: .kill)
        let process = process
        try await process.waitUntilReady { process.log.contains("Server listening") }
    }

    package func stop() async {
        await process.stop()
    }

    /// `mayfly host sync`, as a host has it running.
    /// - Parameter log: what tells it of logins; sshd's own by default.
    package func sync(home: String, log: String? = nil) async throws -> BackgroundProcess {
        try await BackgroundProcess(
            "mayfly", MayflyCA.binary,
            ["host", "sync", "--root", root, "--sshd", try Program.path(of: "sshd"), "--log", log ?? logPath],
            environment: ["HOME": home], logPath: directory.file("sync-\(UInt32.random(in: .min ... .max)).log"))
    }
}
