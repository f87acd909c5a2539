// SPDX-License-Identifier: Apache-2.0

import Glibc
import SystemPackage

/// Why sshd does not read a file: it cannot, or must not.
struct FileAccess: Sendable {
    let path: String

    /// The file and every folder above it, from the root down, as named.
    private var parts: [FilePath] {
        var all: [FilePath] = []
        var path = FilePath(path)
        while true {
            all.append(path)
            guard let above = Optional(path.removingLastComponent()), above != path, !above.isEmpty else { break }
            path = above
        }
        return all.reversed()
    }

    /// In words, why an account cannot read it; `nil` when it can.
    func obstacle(for account: HostAccount) -> String? {
        for part in parts {
            guard let status = try? Stat(part) else { return "`\(part)` does not exist" }
            let wanted: UInt16 = part == parts.last ? 4 : 1
            guard account.user != 0 else { continue }
            let mode = UInt16(status.permissions.rawValue)
            let shift: UInt16 =
                status.userID.rawValue == account.user ? 6 : account.groups.contains(status.groupID.rawValue) ? 3 : 0
            guard (mode >> shift) & wanted != 0 else { return "`\(part)` is closed to `\(account.name)`" }
        }
        return nil
    }

    /// In words, why `StrictModes yes` refuses it (sshd: `safe_path`): somebody else could have written it.
    func looseness(for account: HostAccount) -> String? {
        for part in parts.reversed() {
            guard let status = try? Stat(part) else { return "`\(part)` does not exist" }
            guard [0, account.user].contains(status.userID.rawValue) else {
                return "`\(part)` belongs to neither root nor `\(account.name)`"
            }
            guard status.permissions.rawValue & 0o022 == 0 else { return "`\(part)` can be written by others" }
            // sshd goes no further up than the home directory.
            if part.string == account.home { break }
        }
        return nil
    }
}
