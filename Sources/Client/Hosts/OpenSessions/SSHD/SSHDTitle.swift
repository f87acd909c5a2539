// SPDX-License-Identifier: Apache-2.0

/// What a process of sshd says it is doing (setproctitle(3)): `sshd: ana [priv]`, `sshd-session: ana@pts/0`.
///
/// A user cannot change it: sshd takes the user's number after it was root's, so that the kernel lets no process of the user
/// touch it.
enum SSHDTitle: Equatable {
    /// `/usr/sbin/sshd -D [listener] 0 of 10-100 startups`.
    case listener
    /// Not logged in yet: `[accepted]`, `ana [net]`.
    case unauthenticated
    /// The process that keeps the privileges of a connection, from before the login on.
    case monitor(login: String)
    /// What serves a user who has logged in, with the terminals of their sessions: none for port forwarding alone.
    case user(login: String, terminals: [String])

    init?(_ title: String) {
        let names = ["sshd: ", "sshd-session: ", "sshd-auth: "]
        guard let name = names.first(where: title.hasPrefix) else { return nil }
        let rest = title.dropFirst(name.count)
        if rest.contains("[listener]") {
            self = .listener
        } else if rest.hasSuffix(" [priv]") {
            self = .monitor(login: String(rest.dropLast(" [priv]".count)))
        } else if rest.hasSuffix("]") || rest.isEmpty {
            self = .unauthenticated
        } else if let at = rest.lastIndex(of: "@"), let terminals = Self.terminals(rest[rest.index(after: at)...]) {
            self = .user(login: String(rest[..<at]), terminals: terminals)
        } else {
            self = .user(login: String(rest), terminals: [])
        }
    }

    /// `notty`, or `pts/0,pts/3`. A login may hold an `@` itself.
    private static func terminals(_ text: Substring) -> [String]? {
        if text == "notty" { return [] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return names.allSatisfy { $0.hasPrefix("pts/") || $0.hasPrefix("tty") } ? names : nil
    }
}
