// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// When the service must not start, it says why.
@Suite struct StartTests {
    private func refusal(
        _ change: (MayflyCA) throws -> Void, arguments: [String] = []
    ) async throws -> ProcessResult {
        try await serving(MayflyCA()) { ca in
            await ca.stop()
            try change(ca)
            return try await run(
                MayflyCA.binary, ["serve", "--dir", ca.caDirectory] + arguments, environment: ["HOME": ca.home])
        }
    }

    @Test func `a port in use is named`() async throws {
        try await serving(MayflyCA()) { first in
            let port = try #require(first.url.split(separator: ":").last)
            let second = try await refusal {
                let path = $0.caDirectory + "/mayfly.yaml"
                let text = try String(contentsOfFile: path, encoding: .utf8)
                    .replacingOccurrences(of: "127.0.0.1:0", with: "127.0.0.1:\(port)")
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
            #expect(second.status == 1)
            #expect(second.stderr.contains("`127.0.0.1:\(port)` is in use by another program"))
        }
    }

    @Test func `a key that others can read is refused`() async throws {
        let result = try await refusal {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644], ofItemAtPath: $0.caDirectory + "/keys/ssh_user.pem")
        }
        #expect(result.status == 1)
        #expect(result.stderr.contains("keys/ssh_user.pem` can be used by others"), "\(result.stderr)")
    }

    @Test func `a wrong passphrase is refused and not shown`() async throws {
        let result = try await refusal {
            let path = $0.caDirectory + "/keys/passphrase"
            try Data("another-passphrase\n".utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        }
        #expect(result.status == 1)
        #expect(result.stderr.contains("the passphrase is wrong"))
        #expect(!result.stderr.contains("another-passphrase"))
    }

    @Test func `a certificate of another key is refused`() async throws {
        let result = try await refusal {
            let files = $0.caDirectory + "/public/"
            try FileManager.default.removeItem(atPath: files + "issuing.pem")
            try FileManager.default.copyItem(atPath: files + "root.pem", toPath: files + "issuing.pem")
        }
        #expect(result.status == 1)
        #expect(result.stderr.contains("public/issuing.pem` is damaged or belongs to another CA"), "\(result.stderr)")
    }

    @Test func `policies whose tests fail do not go live`() async throws {
        let folder = try TemporaryDirectory()
        try folder.write(
            """
            version: 1
            zones: {lab: {hosts: [localhost]}}
            roles: {shell: {ssh: {logins: [root], zones: [lab]}}}
            allow: [{id: all, who: {everyone: true}, roles: [shell], lifetime: {max: 1h}}]
            tests:
              - it: refuses everybody
                who: {user: ana}
                asks: {role: shell}
                expect: {deny: true}

            """, to: "a.yaml")
        let result = try await refusal({ _ in }, arguments: ["--policies", folder.path])
        #expect(result.status == 1)
        #expect(result.stderr.contains("refuses everybody"), "\(result.stderr)")
    }

    @Test func `policies that do not load leave the old set in place, and status says so`() async throws {
        let folder = try TemporaryDirectory()
        for name in try FileManager.default.contentsOfDirectory(atPath: Repository.root + "/policies")
        where name.hasSuffix(".yaml") {
            try FileManager.default.copyItem(atPath: Repository.root + "/policies/" + name, toPath: folder.file(name))
        }
        try await serving(MayflyCA(.init(policies: folder.path))) { ca in
            try await ca.logIn()
            try folder.write("version: 1\nrole: {}\n", to: "broken.yaml")
            ca.send(SIGHUP)
            var status = ""
            try await eventually("the status names no file: \(status)") {
                status = try await ca.mayfly(["status"]).stdout
                return status.contains("broken.yaml")
            }
            #expect(status.contains("broken.yaml:2:1: unknown key `role`"), "\(status)")
            let issued = try await ca.mayfly([
                "issue", "ssh", "--role", "lab-shell", "--host", "localhost", "--out", ca.directory.file("id"),
            ])
            #expect(issued.succeeded, "\(issued.stderr)")
            #expect(try await ca.mayfly(["audit", "tail"]).stdout.contains("broken.yaml"))

            try FileManager.default.removeItem(atPath: folder.file("broken.yaml"))
            ca.send(SIGHUP)
            try await eventually("the status still names the file") {
                try await !ca.mayfly(["status"]).stdout.contains("broken.yaml")
            }
        }
    }

    @Test func `a database that cannot be written stops the start`() async throws {
        let result = try await refusal {
            let state = $0.caDirectory + "/state"
            try FileManager.default.removeItem(atPath: state)
            try Data("not a folder".utf8).write(to: URL(fileURLWithPath: state))
        }
        #expect(result.status == 1)
        #expect(result.stderr.contains("state/mayfly.sqlite` cannot be used"), "\(result.stderr)")
    }

    @Test func `a directory that cannot be written is named`() async throws {
        // Root may write anywhere, so it steps down to an account that every Debian has.
        let user = CurrentUser.isRoot ? "daemon" : nil
        let folder = try TemporaryDirectory(mode: 0o711)
        let key = folder.file("key")
        try await MayflyCA.makeKey(key)
        let result = try await run(
            MayflyCA.binary, ["init", "--dir", "/usr/mayfly", "--admin-key", key + ".pub"], user: user)
        #expect(result.status == 1)
        #expect(result.stderr.contains("/usr/mayfly` cannot be written"), "\(result.stderr)")
    }
}
