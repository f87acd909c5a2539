// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Client

struct SSHDaemonTests {
    @Test func `without a file of its number nobody can tell whether sshd runs`() async throws {
        let root = try await TestHostRoot(lines: [])
        let path = root.directory.file("other_config")
        let text = try AtomicFile.readText(root.paths.sshdConfiguration).replacing(
            "PidFile \(root.paths.root)/sshd.pid", with: "PidFile none")
        try AtomicFile.write(text, to: path)
        let sshd = SSHDaemon(program: try Program.path(of: "sshd"), configuration: path)
        await #expect(throws: ClientError.host(.reloadUnknown)) { try await sshd.reload() }
    }

    @Test(arguments: [nil, "", "1\n", "-1\n", "999999999\n", "self"])
    func `what is no running sshd is not signalled`(_ contents: String?) async throws {
        let root = try await TestHostRoot()
        // This process would not survive the signal.
        let own = "\(ProcessInfo.processInfo.processIdentifier)\n"
        if let contents { try AtomicFile.write(contents == "self" ? own : contents, to: root.paths.root + "/sshd.pid") }
        #expect(try await root.sshd.reload() == false)
    }

    @Test func `a program that is not there is named`() async throws {
        let sshd = SSHDaemon(program: "/nowhere/sshd", configuration: "/dev/null")
        await #expect(throws: ClientError.host(.sshdMissing("/nowhere/sshd"))) { try await sshd.accepts() }
    }
}
