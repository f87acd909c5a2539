// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// What `make demo` runs. It shows what it promises, and leaves nothing behind.
@Suite(.timeLimit(.minutes(10)))
struct DemoTests {
    @Test func `it opens three doors, watches them close, ends a session that was approved, and leaves nothing behind`()
        async throws
    {
        try await observe { demo, trace in
            let status = try await trace.follow(demo, within: .seconds(300)) { _ in false }
            #expect(status == 0, "\(demo.log)")
            let name = CurrentUser.name
            for claim in [
                "sshd lets \(name) in", "nginx answers", "PostgreSQL lets \(name) in", "sshd refuses: expired",
                "nginx refuses: expired", "PostgreSQL refuses: expired", "the session opened before is still there",
                "kim, who waited, hears of it", "kim is in, for as long as the grant lasts and no longer",
                "the host has ended the open session, ",
            ] {
                #expect(demo.log.contains("✔ \(claim)"))
            }
            #expect(!demo.log.contains("✘"))
            let expected: Set = ["mayfly", "sshd", "nginx", "postgres", "ssh"]
            #expect(trace.names.isSuperset(of: expected), "\(trace.names)")
        }
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `it leaves nothing behind when it is interrupted in the middle`(signal: Int32) async throws {
        try await observe { demo, trace in
            let status = try await trace.follow(demo, within: .seconds(300)) { log in
                guard log.contains("✔ PostgreSQL lets") else { return false }
                demo.send(signal)
                return true
            }
            #expect(status == 128 + signal, "\(demo.log)")
            #expect(!demo.log.contains("refuses: expired"), "it was to be interrupted before")
        }
    }

    /// Runs the demo as a person with keys, an agent and servers of their own, and expects all of it to be as it was.
    private func observe(_ body: (BackgroundProcess, DemoTrace) async throws -> Void) async throws {
        try await inTurn {
            let directory = try TemporaryDirectory()
            defer { directory.close() }
            let home = try PrivateHome(path: directory.file("home"))
            let scratch = try directory.makeDirectory("tmp")
            try await serving(try await SSHAgent()) { agent in
                let key = home.ssh + "/id_ed25519"
                try await MayflyCA.makeKey(key)
                try await agent.sshAdd(["-q", key]).checked()
                let keys = try await agent.sshAdd(["-L"]).checked().stdout
                let system = [
                    "/etc/ssh", "/etc/nginx", "/etc/postgresql", "/etc/systemd/system", "/var/lib/postgresql", "/var/log/nginx",
                    "/var/log/postgresql",
                ]
                let before = FileSnapshot(home.folders + system)
                let demo = try await BackgroundProcess(
                    "mayfly-demo", Repository.binaries + "/mayfly-demo",
                    environment: ["HOME": home.path, "TMPDIR": scratch, "SSH_AUTH_SOCK": agent.socket],
                    logPath: directory.file("demo.log"))
                let trace = DemoTrace()
                try await serving(demo) { try await body($0, trace) }

                #expect(trace.survivors.isEmpty)
                #expect(!trace.directories.isEmpty)
                #expect(trace.directories.filter(FileManager.default.fileExists).isEmpty)
                #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
                #expect(FileSnapshot(home.folders + system) == before)
                #expect(try FileManager.default.contentsOfDirectory(atPath: home.path) == [".ssh"])
                #expect(try await agent.sshAdd(["-L"]).checked().stdout == keys)
            }
        }
    }
}
