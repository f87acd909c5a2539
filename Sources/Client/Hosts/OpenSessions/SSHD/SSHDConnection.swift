// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// A connection to sshd on which somebody has logged in, as the processes show it. All sessions of a multiplexed connection
/// are one.
struct SSHDConnection: Sendable {
    /// The process that accepted the login, and logs it: root's, or for root's own logins `process` itself.
    let monitor: ProcessIdentity
    /// The process that serves the user.
    let process: ProcessIdentity
    let user: uid_t
    /// The name of the account.
    let login: String
    /// The name that was logged in with, which a directory service may write otherwise.
    let requestedLogin: String
    let terminals: [String]
    /// What runs in the sessions: children of `process` that are no longer sshd.
    let commands: [ProcessIdentity]
    let peer: SSHPeer?
}

extension SSHDConnection {
    /// - Parameter administrator: whose sshd it is. Somebody else's sshd, which any user can run, does not count.
    static func all(in table: ProcessTable, of administrator: uid_t) -> [SSHDConnection] {
        let processes = table.all()
        let children = Dictionary(grouping: processes, by: \.parent)
        var titles: [Int32: SSHDTitle] = [:]
        for process in processes where process.name.hasPrefix("sshd") {
            guard let name = table.executable(of: process.number)?.lastComponent?.string,
                ["sshd", "sshd-session", "sshd-auth"].contains(name)
            else { continue }
            titles[process.number] = table.title(of: process.number).flatMap(SSHDTitle.init)
        }
        let known = Dictionary(processes.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
        return processes.compactMap { process in
            guard case .user(let login, let terminals)? = titles[process.number], let user = table.user(of: process.number)
            else { return nil }
            var monitor = process
            var requestedLogin = login
            switch titles[process.parent] {
            case .monitor(let name)?:
                guard let parent = known[process.parent] else { return nil }
                monitor = parent
                requestedLogin = name
            // Root's connections have no second process, and a listener that is gone leaves its connections to init.
            case .listener?, nil: break
            // A subsystem within sshd: part of the connection of its parent.
            case .user?, .unauthenticated?: return nil
            }
            guard table.user(of: monitor.number) == administrator else { return nil }
            return SSHDConnection(
                monitor: monitor.identity, process: process.identity, user: user, login: login,
                requestedLogin: requestedLogin, terminals: terminals,
                commands: (children[process.number] ?? []).filter { titles[$0.number] == nil }.map(\.identity),
                peer: peer(of: process, monitor: monitor, in: table))
        }.sorted { ($0.process.start, $0.process.number) < ($1.process.start, $1.process.number) }
    }

    /// sshd opens sockets of other connections for port forwarding; that of its own is the one that the monitor has too, or
    /// whose port is one that the listener listens on.
    private static func peer(of process: KernelProcess, monitor: KernelProcess, in table: ProcessTable) -> SSHPeer? {
        let all = table.tcpSockets(seenBy: process.number)
        var own = table.sockets(of: process.number)
        if monitor.number != process.number { own.formIntersection(table.sockets(of: monitor.number)) }
        var candidates = all.filter { own.contains($0.inode) && !$0.isListening }
        if candidates.count > 1 {
            let listening = table.sockets(of: monitor.parent)
            let ports = Set(all.filter { $0.isListening && listening.contains($0.inode) }.map(\.localPort))
            candidates = candidates.filter { ports.contains($0.localPort) }
        }
        return candidates.count == 1 ? candidates.first?.peer : nil
    }
}
