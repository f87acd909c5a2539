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
        guard let resolved = SSHDestination(parsing: String(decoding: output, as: UTF8.self)) else {
            throw ClientError.invalidDestination(destination)
        }
        return resolved
    }

    /// - Parameter output: of `ssh -G`: lines of a lower-case keyword, a space and its value.
    init?(parsing output: String) {
        var values: [Substring: Substring] = [:]
        for line in output.split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 1)
            if parts.count == 2, values[parts[0]] == nil { values[parts[0]] = parts[1] }
        }
        guard let host = values["hostname"], let login = values["user"] else { return nil }
        self.init(host: String(host), login: String(login))
    }

    init(host: String, login: String) {
        self.host = host
        self.login = login
    }
}
