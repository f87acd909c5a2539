// SPDX-License-Identifier: Apache-2.0

import SystemPackage

/// A file that sshd (`sshd -E`) or a syslog daemon writes.
///
/// Any user can have a syslog daemon write a line that looks like sshd's (logger(1)). Beside sshd's own line it raises a doubt
/// and ends nobody's session; but what the daemon has deleted cannot contradict it. The journal has no such weakness.
package struct SSHDLogFile: SSHDLog {
    private let path: String

    /// What is read, from the end.
    private static let limit: Int64 = 64 << 20

    package init(path: String) {
        self.path = path
    }

    package func acceptances(by processes: Set<Int32>) async throws -> [SSHDAcceptance] {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw ClientError.unreadable(path: path)
        }
        defer { try? file.close() }
        guard let status = try? file.stat(), status.type == .regular else { throw ClientError.unreadable(path: path) }
        guard status.permissions.rawValue & 0o022 == 0 else { throw ClientError.homeOpenToOthers(path: path) }
        if status.size > Self.limit { _ = try? file.seek(offset: -Self.limit, from: .end) }
        var bytes: [UInt8] = []
        while let part = try? file.readSome(), !part.isEmpty { bytes += part }
        return Self.acceptances(in: bytes)
    }

    static func acceptances(in bytes: [UInt8]) -> [SSHDAcceptance] {
        bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }).compactMap { line in
            let text = String(decoding: line, as: UTF8.self)
            if let own = SSHDAcceptance(parsing: text[...], process: nil, isVouchedFor: false) { return own }
            guard text.contains("]: Accepted ") || text.contains("]: Partial "),
                let match = text.wholeMatch(of: Self.syslogLine),
                let process = Int32(match.1)
            else { return nil }
            return SSHDAcceptance(parsing: match.2, process: process, isVouchedFor: false)
        }
    }

    /// RFC 3164 or RFC 3339 time, host, program. The program must come first: what a user writes comes after one.
    private static var syslogLine: Regex<(Substring, Substring, Substring)> {
        /(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}T\S+) \S+ sshd(?:-session)?\[([0-9]+)\]: (.*)/
    }
}
