// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceAPI
import Synchronization
import TestSupport

@testable import Client

/// The files of a host below a folder, with CA keys to sign what it gets.
struct TestHostRoot {
    static let name = "web1.example.com"

    let directory: TemporaryDirectory
    let paths: HostPaths
    let sshd: SSHDaemon

    /// - Parameters:
    ///   - include: whether sshd_config reads `sshd_config.d`.
    ///   - lines: more of sshd_config, at its end.
    init(include: Bool = true, lines: [String] = []) async throws {
        directory = try TemporaryDirectory()
        paths = HostPaths(root: try directory.makeDirectory("root", mode: 0o755))
        for folder in ["etc", "etc/ssh", "etc/ssh/sshd_config.d", "etc/systemd", "etc/systemd/system"] {
            try directory.makeDirectory("root/" + folder, mode: 0o755)
        }
        if CurrentUser.isRoot {
            try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        }
        try await MayflyCA.makeKey(paths.defaultHostKey)
        for key in ["user_ca", "next_user_ca", "host_ca", "stranger"] { try await MayflyCA.makeKey(directory.file(key)) }
        let own = [
            "HostKey \(paths.defaultHostKey)", "PidFile \(paths.root)/sshd.pid", "UsePAM no", "StrictModes no",
        ]
        let text = ((include ? ["Include \(paths.dropIns)/*.conf"] : []) + own + lines).map { $0 + "\n" }.joined()
        try directory.write(text, to: "root/etc/ssh/sshd_config", mode: 0o644)
        sshd = SSHDaemon(program: try Program.path(of: "sshd"), configuration: paths.sshdConfiguration)
    }

    func text(of name: String) throws -> String { try directory.text(of: name) }

    /// A list of this version that revokes one key.
    func revocationList(version: UInt64) async throws -> [UInt8] {
        let path = directory.file("\(version).krl")
        // A list holds the time at which it was made.
        if AtomicFile.exists(path) { return try AtomicFile.read(path) }
        try await run(
            "ssh-keygen", ["-q", "-k", "-f", path, "-z", "\(version)", directory.file("stranger.pub")]
        ).checked()
        return try AtomicFile.read(path)
    }

    /// As the server sends it.
    func document(
        version: UInt64, _ bytes: [UInt8], signer: String = "user_ca", namespace: String = "krl@mayfly"
    ) async throws -> RevokedKeysDocument {
        let name = "signed-\(UInt32.random(in: .min ... .max))"
        try Data(bytes).write(to: URL(fileURLWithPath: directory.file(name)))
        try await run(
            "ssh-keygen", ["-q", "-Y", "sign", "-n", namespace, "-f", directory.file(signer), directory.file(name)]
        ).checked()
        return RevokedKeysDocument(
            version: version, krl: Data(bytes).base64EncodedString(), signature: try directory.text(of: name + ".sig"))
    }

    /// The line of a certificate for the host key, valid from a minute ago.
    func certificate(
        minutes: Int = 60, serial: Int = 1, name: String = TestHostRoot.name, signer: String = "host_ca",
        key: String? = nil, kind: [String] = ["-h"], since: Int = 1
    ) async throws -> String {
        let copy = "certified-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.copyItem(
            atPath: (key.map(directory.file) ?? paths.defaultHostKey) + ".pub", toPath: directory.file(copy + ".pub"))
        try await run(
            "ssh-keygen",
            ["-q", "-s", directory.file(signer), "-I", "test", "-n", name, "-z", "\(serial)", "-V", "-\(since)m:+\(minutes)m"]
                + kind + [directory.file(copy + ".pub")]
        ).checked()
        return try directory.text(of: copy + "-cert.pub")
    }

    /// What an enrolment installs.
    func contents(version: UInt64 = 7) async throws -> [HostInstallation.File] {
        let state = HostState(
            url: "https://localhost:1", fingerprint: "SHA256:x", name: Self.name, role: "web-host", zones: ["web"],
            logins: ["deploy"], hostKey: paths.defaultHostKey)
        return [
            .init(path: paths.userCA, contents: Array(try text(of: "user_ca.pub").utf8)),
            .init(path: paths.principals + "/deploy", contents: Array("deploy@zone:web\n".utf8)),
            .init(path: paths.serviceCA, contents: Array("PEM\n".utf8)),
            .init(path: paths.hostCertificate, contents: Array(try await certificate().utf8)),
            .init(path: paths.revocationList, contents: try await revocationList(version: version)),
            .init(path: paths.unit, contents: Array("unit\n".utf8)),
            .init(path: paths.state, contents: state.bytes),
        ]
    }

    func installation(_ files: DurableFiles = DurableFiles()) -> HostInstallation {
        HostInstallation(paths: paths, files: files, sshd: sshd)
    }

    /// Every file and folder of the host: its mode and its bytes.
    func snapshot() throws -> [String: String] {
        var found: [String: String] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: paths.root) {
            let full = paths.root + "/" + path
            let bytes = FileManager.default.contents(atPath: full).map { $0.base64EncodedString() }
            found[path] = "\(String(try mode(of: full), radix: 8)) \(bytes ?? "folder")"
        }
        return found
    }
}

/// Power for so many changes of files; then it is gone, and nothing changes any more.
final class Power: Sendable {
    private let left: Mutex<Int>

    init(changes: Int) {
        left = Mutex(changes)
    }

    struct Gone: Error {}

    var files: DurableFiles {
        DurableFiles { _ in
            try self.left.withLock { left in
                guard left > 0 else { throw Gone() }
                left -= 1
            }
        }
    }
}
