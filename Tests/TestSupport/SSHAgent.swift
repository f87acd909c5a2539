// SPDX-License-Identifier: Apache-2.0

/// A real ssh-agent on a private socket, without keys.
package final class SSHAgent: RunningServer {
    /// For `SSH_AUTH_SOCK`.
    package let socket: String
    private let directory: TemporaryDirectory
    private let process: BackgroundProcess

    package var environment: [String: String] { ["SSH_AUTH_SOCK": socket] }
    package var processID: Int32 { process.processID }

    package init() async throws {
        let directory = try TemporaryDirectory()
        let socket = directory.file("agent")
        let process = try await BackgroundProcess(
            "ssh-agent", "ssh-agent", ["-D", "-a", socket], logPath: directory.file("log"))
        // 0: it has keys, 1: it has none, 2: there is no agent.
        try await process.waitUntilReady {
            try await run("ssh-add", ["-l"], environment: ["SSH_AUTH_SOCK": socket]).status < 2
        }
        self.socket = socket
        self.directory = directory
        self.process = process
    }

    /// What `ssh-add` says; `["-L"]` lists the public keys and certificates it holds.
    package func sshAdd(_ arguments: [String]) async throws -> ProcessResult {
        try await run("ssh-add", arguments, environment: environment)
    }

    package func stop() async { await process.stop() }
}
