// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Client

/// A host that is no longer what it enrolled as says so.
struct HostFactsTests {
    private func facts(_ root: TestHostRoot, at now: Date = Date()) async throws -> HostFacts {
        try await HostFacts(root.paths, sshd: root.sshd, at: now)
    }

    @Test func `a host that is as it enrolled has no problem`() async throws {
        let root = try await TestHostRoot()
        await #expect(throws: ClientError.host(.notEnrolled)) { try await facts(root) }
        try await root.installation().install(try await root.contents())
        let found = try await facts(root)
        #expect(found.problem == nil)
        #expect(found.revocationListVersion == 7)
        #expect(found.state.name == TestHostRoot.name)
    }

    @Test func `what somebody changed is found`() async throws {
        let root = try await TestHostRoot()
        try await root.installation().install(try await root.contents())
        #expect(try await facts(root, at: Date() + 7200).problem == .certificateExpired)

        let list = try AtomicFile.read(root.paths.revocationList)
        try AtomicFile.write("", to: root.paths.revocationList, for: .everyone)
        #expect(try await facts(root).problem == .revocationListLost(path: root.paths.revocationList))
        try AtomicFile.write(list, to: root.paths.revocationList, for: .everyone)

        let own = "root/etc/ssh/sshd_config.d/10-own.conf"
        try root.directory.write("RevokedKeys none\n", to: own)
        #expect(try await facts(root).problem == .setElsewhere(keyword: "RevokedKeys", value: "none"))
        try root.directory.write("Nonsense yes\n", to: own)
        #expect(try await facts(root).problem == .configurationBroken(path: root.paths.sshdConfiguration))
        AtomicFile.remove(root.directory.file(own))

        try await MayflyCA.makeKey(root.directory.file("new"))
        try AtomicFile.write(try root.text(of: "new.pub"), to: root.paths.defaultHostKey + ".pub", for: .everyone)
        #expect(try await facts(root).problem == .certificate("it is for another key"))
    }
}
