// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Client

/// Connections among the processes of hosts that are not here: other releases of OpenSSH, other users' sshd.
struct SSHDConnectionTests {
    /// `/proc` of a host, as far as it is read.
    private final class Host {
        let folder: TemporaryDirectory
        init() throws { folder = try TemporaryDirectory() }
        var table: ProcessTable { ProcessTable(root: folder.path) }

        func add(
            _ number: Int, parent: Int, user: Int = 0, executable: String, title: String, sockets: [Int] = [],
            name: String? = nil
        ) throws {
            for path in ["", "/fd", "/net"] { try folder.makeDirectory("\(number)\(path)") }
            let base = name ?? String(executable.split(separator: "/").last ?? "").prefix(15).description
            try folder.write(
                "\(number) (\(base)) S \(parent) 2 3 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 \(number) 1000 1", to: "\(number)/stat")
            try folder.write("Name:\tx\nUid:\t\(user)\t\(user)\t\(user)\t\(user)\n", to: "\(number)/status")
            try folder.write(title + "      \0", to: "\(number)/cmdline")
            try folder.write(sockets.map { Self.socket($0) }.joined(), to: "\(number)/net/tcp")
            try FileManager.default.createSymbolicLink(atPath: folder.file("\(number)/exe"), withDestinationPath: executable)
            for socket in sockets {
                try FileManager.default.createSymbolicLink(
                    atPath: folder.file("\(number)/fd/\(socket)"), withDestinationPath: "socket:[\(socket)]")
            }
        }

        /// A header is read past; number 1 listens on port 22, 5 is a forwarded connection, others are clients of port 22.
        private static func socket(_ number: Int) -> String {
            let local = number == 5 ? "1F90" : "0016"
            let port = String(40000 + number, radix: 16, uppercase: true)
            return
                "header\n   0: 0100007F:\(local) 0700020A:\(number == 1 ? "0000" : port) \(number == 1 ? "0A" : "01") 0:0 0:0 0 0 0 \(number) 1 0\n"
        }
    }

    @Test(arguments: [
        ("/usr/sbin/sshd", "sshd"), ("/usr/lib/openssh/sshd-session", "sshd-session"),
        ("/usr/libexec/openssh/sshd-session (deleted)", "sshd-session"),
    ])
    func `a connection is a process of root and one of the user`(executable: String, name: String) throws {
        let host = try Host()
        try host.add(
            10, parent: 1, executable: "/usr/sbin/sshd", title: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups")
        try host.add(11, parent: 10, executable: executable, title: "\(name): ana [priv]", sockets: [11], name: name)
        try host.add(
            12, parent: 11, user: 1000, executable: executable, title: "\(name): ana@pts/0", sockets: [11, 5], name: name)
        try host.add(13, parent: 12, user: 1000, executable: "/usr/bin/bash", title: "-bash")
        try host.add(14, parent: 12, user: 1000, executable: executable, title: "\(name): ana@internal-sftp", name: name)
        try host.add(15, parent: 10, executable: executable, title: "\(name): bo [priv]", name: name)
        try host.add(16, parent: 15, user: 105, executable: executable, title: "\(name): bo [net]", name: name)
        let found = SSHDConnection.all(in: host.table, of: 0)
        #expect(found.count == 1)
        let connection = try #require(found.first)
        #expect(connection.monitor == ProcessIdentity(number: 11, start: 11))
        #expect(connection.process == ProcessIdentity(number: 12, start: 12))
        #expect(connection.user == 1000)
        #expect(connection.terminals == ["pts/0"])
        #expect(connection.commands.map(\.number) == [13])
        #expect(connection.peer == SSHPeer(address: "10.2.0.7", port: 40011))
    }

    @Test func `a login of root is one process, whose connection is that to the port of the listener`() throws {
        let host = try Host()
        try host.add(
            10, parent: 1, executable: "/usr/sbin/sshd", title: "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",
            sockets: [1])
        try host.add(11, parent: 10, executable: "/usr/sbin/sshd", title: "sshd: root@notty", sockets: [11, 5, 1])
        try host.add(12, parent: 11, executable: "/usr/sbin/sshd", title: "sshd: root@internal-sftp")
        let found = SSHDConnection.all(in: host.table, of: 0)
        #expect(found.map(\.process.number) == [11])
        #expect(found.map(\.monitor.number) == [11])
        #expect(found.first?.commands.isEmpty == true)
    }

    @Test func `what only looks like sshd is none`() throws {
        let host = try Host()
        // A user's own program with the title, a user's own sshd, and root's program by another name.
        try host.add(20, parent: 1, user: 1000, executable: "/home/ana/sshd", title: "sshd: ana [priv]")
        try host.add(21, parent: 20, user: 1000, executable: "/home/ana/sshd", title: "sshd: ana@pts/0")
        try host.add(22, parent: 1, executable: "/usr/bin/sshdfs", title: "sshd: root@pts/0", name: "sshdfs")
        try host.add(23, parent: 1, executable: "/usr/bin/perl", title: "sshd: root@pts/0", name: "sshd")
        #expect(SSHDConnection.all(in: host.table, of: 0).isEmpty)
        #expect(SSHDConnection.all(in: host.table, of: 1000).count == 1)
    }
}
