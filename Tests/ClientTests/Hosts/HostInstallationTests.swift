// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Client

/// Whatever happens while a host is set up, its sshd starts, and there is a way back.
@Suite(.timeLimit(.minutes(15)))
struct HostInstallationTests {
    /// What must hold at any moment: sshd starts, and everything its configuration names is whole.
    private func checkSound(_ root: TestHostRoot, _ moment: String) async throws {
        #expect(try await root.sshd.accepts(), "\(moment)")
        let settings = try await root.sshd.settings()
        for keyword in ["trustedusercakeys", "revokedkeys", "hostcertificate"] {
            for path in settings.written(keyword) where path.hasPrefix(root.paths.root) {
                #expect(try AtomicFile.read(path).isEmpty == false, "\(moment): \(keyword)")
            }
        }
        if let path = settings.written("revokedkeys").first, path != "none" {
            #expect(PublishedRevocationList.version(inFile: path) != nil, "\(moment)")
        }
    }

    @Test func `an enrolment is in force once it is done, and leaving restores every byte`() async throws {
        let root = try await TestHostRoot()
        let before = try root.snapshot()
        try await root.installation().check(hostKey: root.paths.defaultHostKey)
        try await root.installation().install(try await root.contents())
        try await checkSound(root, "installed")
        let settings = try await root.sshd.settings()
        #expect(settings.written("trustedusercakeys") == [root.paths.userCA])
        #expect(settings.written("revokedkeys") == [root.paths.revocationList])
        #expect(settings.written("hostkey") == [root.paths.defaultHostKey])
        #expect(try mode(of: root.paths.journal) == 0o600)
        #expect(!AtomicFile.exists(root.paths.candidate))
        await #expect(throws: ClientError.host(.alreadyEnrolled)) {
            try await root.installation().install(try await root.contents())
        }
        #expect(try await root.installation().leave(reload: false) == [])
        #expect(try root.snapshot() == before)
        await #expect(throws: ClientError.host(.notEnrolled)) { try await root.installation().leave(reload: false) }
        #expect(try root.snapshot() == before)
    }

    /// - Parameter isUsed: whether there were files of these names before, with other contents and modes.
    @Test(arguments: [false, true])
    func `a crash at any step leaves the old or the new, and a way back`(_ isUsed: Bool) async throws {
        let root = try await TestHostRoot()
        if isUsed {
            try root.directory.makeDirectory("root/etc/ssh/mayfly", mode: 0o755)
            try root.directory.write("# mine\n", to: "root/etc/ssh/mayfly/user_ca.pub", mode: 0o640)
            try root.directory.write("# mine\n", to: "root/etc/ssh/mayfly/kept", mode: 0o600)
            try root.directory.write("LogLevel VERBOSE\n", to: "root/etc/ssh/sshd_config.d/50-mayfly.conf", mode: 0o600)
        }
        let before = try root.snapshot()
        let contents = try await root.contents()
        var step = 0
        var isDone = false
        while !isDone {
            do {
                try await root.installation(Power(changes: step).files).install(contents)
                isDone = true
            } catch is Power.Gone {
                let dropIn = try AtomicFile.exists(root.paths.dropIn) ? AtomicFile.readText(root.paths.dropIn) : ""
                #expect(["", "LogLevel VERBOSE\n", root.installation().dropIn].contains(dropIn), "step \(step)")
                try await checkSound(root, "step \(step)")
            }
            do { _ = try await root.installation().leave(reload: false) } catch ClientError.host(.notEnrolled) {}
            #expect(try root.snapshot() == before, "step \(step)")
            step += 1
        }
        #expect(step > 30)
    }

    @Test func `a crash at any step of leaving is made good by leaving again`() async throws {
        let root = try await TestHostRoot()
        let before = try root.snapshot()
        let contents = try await root.contents()
        var step = 0
        var isDone = false
        while !isDone {
            try await root.installation().install(contents)
            do {
                _ = try await root.installation(Power(changes: step).files).leave(reload: false)
                isDone = true
            } catch is Power.Gone {
                try await checkSound(root, "step \(step)")
                _ = try await root.installation().leave(reload: false)
            }
            #expect(try root.snapshot() == before, "step \(step)")
            step += 1
        }
        #expect(step > 10)
    }

    @Test func `a configuration that does not read the folder is refused, and nothing is left`() async throws {
        let root = try await TestHostRoot(include: false)
        let before = try root.snapshot()
        await #expect(throws: ClientError.host(.notIncluded(dropIn: root.paths.dropIn))) {
            try await root.installation().install(try await root.contents())
        }
        #expect(try root.snapshot() == before)
    }

    @Test func `a keyword that is set before ours is refused, and nothing is left`() async throws {
        let root = try await TestHostRoot()
        try root.directory.write("AuthorizedPrincipalsFile /etc/principals/%u\n", to: "root/etc/ssh/sshd_config.d/10-own.conf")
        let before = try root.snapshot()
        await #expect(
            throws: ClientError.host(.setElsewhere(keyword: "AuthorizedPrincipalsFile", value: "/etc/principals/%u"))
        ) { try await root.installation().install(try await root.contents()) }
        #expect(try root.snapshot() == before)
    }

    @Test func `an sshd that would not start is not touched`() async throws {
        let root = try await TestHostRoot(lines: ["NoSuchKeyword yes"])
        await #expect(throws: ClientError.host(.configurationBroken(path: root.paths.sshdConfiguration))) {
            try await root.installation().check(hostKey: root.paths.defaultHostKey)
        }
    }

    @Test func `a host key that sshd does not use is refused`() async throws {
        let root = try await TestHostRoot()
        await #expect(throws: ClientError.host(.hostKeyUnused(path: "/etc/ssh/other"))) {
            try await root.installation().check(hostKey: "/etc/ssh/other")
        }
    }

    @Test(arguments: [[], Array("ssh-ed25519 AAAA\n".utf8), Array("SSHKRL\n\0".utf8) + [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7]])
    func `a list that OpenSSH cannot read is never installed`(_ bytes: [UInt8]) async throws {
        let root = try await TestHostRoot()
        let before = try root.snapshot()
        var contents = try await root.contents()
        contents.removeAll { $0.path == root.paths.revocationList }
        contents.append(.init(path: root.paths.revocationList, contents: bytes))
        await #expect {
            try await root.installation().install(contents)
        } throws: { error in
            if case ClientError.host(.revocationList) = error { true } else { false }
        }
        #expect(try root.snapshot() == before)
    }

    @Test func `what is not a regular file is not replaced`() async throws {
        let root = try await TestHostRoot()
        try FileManager.default.createSymbolicLink(atPath: root.paths.dropIn, withDestinationPath: "/dev/null")
        await #expect(throws: ClientError.host(.notRegular(path: root.paths.dropIn))) {
            try await root.installation().install(try await root.contents())
        }
        #expect(!AtomicFile.exists(root.paths.journal))
    }

    @Test func `two at once do not meet`() async throws {
        let root = try await TestHostRoot()
        let lock = try DirectoryLock(root.paths.ssh)
        await #expect(throws: ClientError.host(.busy)) {
            try await root.installation().install(try await root.contents())
        }
        _ = consume lock
        try await root.installation().install(try await root.contents())
    }

    @Test func `what others put beside our files stays`() async throws {
        let root = try await TestHostRoot()
        try await root.installation().install(try await root.contents())
        try root.directory.write("ops@zone:web\n", to: "root/etc/ssh/mayfly/principals/ops")
        #expect(try await root.installation().leave(reload: false) == [root.paths.principals, root.paths.directory])
        #expect(try AtomicFile.readText(root.paths.principals + "/ops") == "ops@zone:web\n")
        #expect(!AtomicFile.exists(root.paths.dropIn))
    }
}
