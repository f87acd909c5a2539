// SPDX-License-Identifier: Apache-2.0

/// Where `ssh` would connect to, once its configuration has had its say.
package struct SSHDestination: Equatable, Sendable {
    package let host: String
    package let login: String
    /// Patterns of known_hosts that match what ssh looks this host's key up by, and nothing else; nil where its name is
    /// none that can stand there.
    let hostKeyNames: [String]?
    /// The person's files of known hosts, as paths; nil where `ssh -G` prints them so that they cannot be told apart.
    let knownHostsFiles: [String]?

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
        self.init(
            host: host, login: login, hostKeyAlias: settings.written("hostkeyalias").first,
            knownHosts: settings.written("userknownhostsfile").first)
    }

    /// - Parameter knownHosts: paths with spaces between them and no quotes, as `ssh -G` prints them; `~` and `%` replaced.
    init(host: String, login: String, hostKeyAlias: String? = nil, knownHosts: String? = nil) {
        self.host = host
        self.login = login
        let name = hostKeyAlias ?? host
        // ssh puts the port beside the name unless it is 22 or the name an alias: any port of this host is this host.
        let names = hostKeyAlias == nil ? [name, "[\(name)]:*"] : [name]
        hostKeyNames = name.utf8.allSatisfy(Self.isNameByte) && !name.isEmpty ? names : nil
        let paths = knownHosts.map { $0 == "none" ? ["/dev/null"] : $0.split(separator: " ").map(String.init) } ?? []
        // A part that is no whole path comes of a path with spaces.
        knownHostsFiles = !paths.isEmpty && paths.allSatisfy { $0.hasPrefix("/") } ? paths : nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: ".:_-".utf8.contains(byte)
        }
    }
}
