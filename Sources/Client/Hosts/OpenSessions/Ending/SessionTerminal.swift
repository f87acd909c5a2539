// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// A line on the terminal of a session, as wall(1) writes it.
enum SessionTerminal {
    /// - Parameters:
    ///   - text: plain, without a line end.
    ///   - name: `pts/0`, as sshd has it.
    /// - Returns: whether the terminal took it.
    static func write(_ text: String, to name: String, of user: uid_t) -> Bool {
        // Never our own terminal, and never waiting for one that is stopped.
        let options = FileDescriptor.OpenOptions(rawValue: O_NOCTTY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard !name.contains(".."),
            let terminal = try? FileDescriptor.open(FilePath("/dev/\(name)"), .writeOnly, options: options)
        else { return false }
        defer { try? terminal.close() }
        guard let status = try? terminal.stat(), status.type == .characterSpecial, status.userID.rawValue == user,
            isatty(terminal.rawValue) == 1
        else { return false }
        return (try? terminal.writeAll(Array("\r\n\(text)\r\n".utf8))) != nil
    }
}
