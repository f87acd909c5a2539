// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Crypto
import FoundationEssentials

/// The command that makes a server read its files again. It has been run for a set of files when a record says so that was
/// written after it had succeeded: wherever we are killed, it is run once too often rather than never.
package struct ServerReload: Sendable {
    package let command: String
    private let watched: [String]
    private let record: String

    /// Seconds. A command that hangs must not keep a certificate from being renewed.
    private static let longest = 120

    /// - Parameters:
    ///   - command: as one types it into a shell.
    ///   - watched: the files that the server reads.
    ///   - record: what it last succeeded for.
    package init(_ command: String, watching watched: [String], record: String) {
        self.command = command
        self.watched = watched
        self.record = record
    }

    /// Whether the files are not those it last succeeded for. Not while one of them is missing.
    func isDue() -> Bool { digest().map { $0 != (try? AtomicFile.readText(record, limit: 1024)) } ?? false }

    /// - Throws: `ServerFilesError.reload`.
    func run(_ files: DurableFiles) async throws {
        // Before it runs: what changes meanwhile is due again.
        guard let digest = digest() else { return }
        let (output, status) = try await ended()
        guard status == 0 else {
            let end = String(decoding: output.suffix(300), as: UTF8.self)
            let line = TerminalText.text(end.split(whereSeparator: \.isNewline).suffix(3).joined(separator: " "))
            throw ClientError.serverFiles(.reload(command: command, status: status, output: line))
        }
        try files.replace(record, with: Array(digest.utf8))
    }

    private func ended() async throws -> (output: [UInt8], status: Int32) {
        do {
            return try await ChildProgram.answer(
                "timeout", ["-k", "10", "\(Self.longest)", "/bin/sh", "-c", command], limit: 1 << 20)
        } catch ClientError.programMissing {
            // What a shell says of a command that it does not find.
            return ([], 127)
        }
    }

    private func digest() -> String? {
        var hash = SHA256()
        for part in [Array(command.utf8)] + watched.map({ try? AtomicFile.read($0, limit: RevocationListFile.maximumBytes) }) {
            guard let part else { return nil }
            hash.update(data: Array(SHA256.hash(data: part)))
        }
        return Data(hash.finalize()).base64EncodedString() + "\n"
    }
}
