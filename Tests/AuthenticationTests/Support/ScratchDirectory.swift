// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Removed with all its content when the test lets go of it.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/mayfly-authentication-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// What ssh-keygen prints; it must succeed.
    @discardableResult
    func sshKeygen(_ arguments: String..., input: [UInt8] = []) throws -> String {
        // Files, not pipes: another test's child may inherit the end of a pipe and keep it open.
        let name = UUID().uuidString
        let files = ["input", "output"].map { URL(filePath: "\(path)/\($0)-\(name)") }
        try Data(input).write(to: files[0])
        try Data().write(to: files[1])
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/ssh-keygen")
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: path)
        process.environment = ["LC_ALL": "C", "HOME": path]
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let output = try String(contentsOf: files[1], encoding: .utf8)
        try #require(process.terminationStatus == 0, "ssh-keygen \(arguments): \(output)")
        return output
    }
}
