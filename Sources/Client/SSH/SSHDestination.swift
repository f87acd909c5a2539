// SPDX-License-Identifier: Apache-2.0

/// Where `ssh` would connect to, once its configuration has had its say.
package struct SSHDestination: Equatable, Sendable {
    package let host: String
    package let login: String

    /// - Parameters:
    ///   - destination: `[USER@]HOST`, or an alias of `~/.ssh/config`.
    ///   - arguments: of ssh, which may change where it goes.
    package static func resolve(_ destination: String, arguments: [String]) async throws -> SSHDestination {
        guard !destination.isEmpty, !destination.hasPrefix("-") else { throw ClientError.invalidDestination(destination) }
        let output = try await ChildProgram.run("ssh", ["-G", "-T", destination] + arguments, limit: 1 << 20)
        guard let resolved = SSHDestination(OpenSSHSettings(parsing: output)) else {
            throw ClientError.invalidDestination(destination)
        }
        return resolved
    }

    /// - Parameter settings: of `ssh -G`.
    init?(_ settings: OpenSSHSettings) {
        guard let host = settings.written("hostname").first, let login = settings.written("user").first else { return nil }
        self.init(host: host, login: login)
    }

    init(host: String, login: String) {
        self.host = host
        self.login = login
    }
}
