// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// The journal of systemd, which says of every line who wrote it: the fields that begin with an underscore are the kernel's
/// (systemd.journal-fields(7)).
package struct SystemJournal: SSHDLog {
    package init() {}

    /// The journal, where one runs: by the socket that systemd's own library looks for (sd_journal_stream_fd(3)).
    package static var ifRunning: SystemJournal? {
        AtomicFile.exists("/run/systemd/journal/socket") ? SystemJournal() : nil
    }

    /// At most this many processes in one call: a command line is limited.
    private static let batch = 500

    package func acceptances(by processes: Set<Int32>) async throws -> [SSHDAcceptance] {
        var found: [SSHDAcceptance] = []
        let all = processes.sorted()
        for start in stride(from: 0, to: all.count, by: Self.batch) {
            let numbers = all[start..<min(start + Self.batch, all.count)].map { "_PID=\($0)" }
            let output = try await ChildProgram.run(
                "journalctl",
                ["--quiet", "--no-pager", "--boot", "--output=json", "--output-fields=MESSAGE,_PID,_UID", "_UID=\(geteuid())"]
                    + numbers,
                limit: 1 << 26)
            found += Self.acceptances(in: output, writtenBy: geteuid())
        }
        return found
    }

    private struct Entry: Decodable {
        let message: String
        let process: String
        let user: String

        enum CodingKeys: String, CodingKey {
            case message = "MESSAGE"
            case process = "_PID"
            case user = "_UID"
        }
    }

    /// - Parameter output: one JSON object a line. Messages that are not text are arrays there, and none of sshd's.
    static func acceptances(in output: [UInt8], writtenBy user: uid_t) -> [SSHDAcceptance] {
        output.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(line)), entry.user == String(user),
                let process = Int32(entry.process)
            else { return nil }
            return SSHDAcceptance(parsing: entry.message[...], process: process, isVouchedFor: true)
        }
    }
}
