// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// The sshd of this host: what it makes of its configuration, and how it is told to read it again.
package struct SSHDaemon: Sendable {
    private let program: String
    private let configuration: String

    /// - Parameters:
    ///   - program: absolute: sshd starts itself again by this name.
    ///   - configuration: the path of its sshd_config.
    package init(program: String, configuration: String) {
        self.program = program
        self.configuration = configuration
    }

    /// Whether it would start with its configuration, or with another one. Its reasons go to standard error.
    package func accepts(_ other: String? = nil) async throws -> Bool {
        do {
            _ = try await run(["-t", "-f", other ?? configuration])
            return true
        } catch ClientError.programFailed {
            return false
        }
    }

    /// What is in force for a connection that no `Match` matches.
    package func settings() async throws -> OpenSSHSettings {
        OpenSSHSettings(parsing: try await run(["-T", "-f", configuration]))
    }

    /// Makes a running sshd read its configuration; sessions go on.
    /// - Returns: false when none runs.
    /// - Throws: `HostError.reloadUnknown`, `reloadFailed`.
    package func reload() async throws -> Bool {
        guard let path = try await settings()["pidfile"], !path.isEmpty else {
            throw ClientError.host(.reloadUnknown)
        }
        guard let process = Self.process(in: path), Self.isSSHD(process) else { return false }
        let before = Self.trace(of: path)
        guard kill(process, SIGHUP) == 0 else { throw ClientError.host(.reloadFailed) }
        // It removes the file, starts anew with the same number, and writes the file once it listens again.
        for _ in 0..<100 {
            try await Task.sleep(for: .milliseconds(100))
            if let now = Self.trace(of: path), now != before, Self.process(in: path) == process { return true }
        }
        throw ClientError.host(.reloadFailed)
    }

    private func run(_ arguments: [String]) async throws -> [UInt8] {
        do {
            return try await ChildProgram.run(program, arguments, limit: 1 << 20)
        } catch ClientError.programMissing {
            throw ClientError.host(.sshdMissing(program))
        }
    }

    private static func process(in path: String) -> Int32? {
        guard let text = try? AtomicFile.readText(path, limit: 64) else { return nil }
        return Int32(text.hasSuffix("\n") ? text.dropLast() : text[...]).flatMap { $0 > 1 ? $0 : nil }
    }

    private static func isSSHD(_ process: Int32) -> Bool {
        // `comm` ends at 15 characters and cannot be mistaken for an argument.
        (try? AtomicFile.readText("/proc/\(process)/comm", limit: 64)) == "sshd\n"
    }

    private struct Trace: Equatable {
        let inode: Int
        let modified: Date
    }

    private static func trace(of path: String) -> Trace? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let modified = attributes[.modificationDate] as? Date
        else { return nil }
        return Trace(inode: (attributes[.systemFileNumber] as? Int) ?? 0, modified: modified)
    }
}
