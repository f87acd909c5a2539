// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Every file below some folders: its mode, size and time of change. Two are equal when nothing was touched in between.
struct FileSnapshot: Equatable {
    private let entries: [String]

    /// - Parameter paths: folders or files; one that is missing has no entries.
    init(_ paths: [String]) {
        entries = paths.flatMap { path in
            [path] + (FileManager.default.subpaths(atPath: path) ?? []).sorted().map { path + "/" + $0 }
        }.compactMap { path in
            guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
            let time = (found[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            return "\(path) \(found[.posixPermissions] ?? 0) \(found[.size] ?? 0) \(time)"
        }
    }
}

/// A home directory with something to lose in `.ssh`.
struct PrivateHome {
    let path: String
    var ssh: String { path + "/.ssh" }

    init(path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path + "/.ssh", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for (name, text) in ["config": "Host *\n    ConnectTimeout 1\n", "known_hosts": "", "authorized_keys": "# nobody\n"] {
            try text.write(toFile: path + "/.ssh/" + name, atomically: false, encoding: .utf8)
        }
    }

    /// This one and the one of the account, which ssh uses whatever `HOME` says.
    var folders: [String] { [ssh, NSHomeDirectoryForUser(NSUserName()).map { $0 + "/.ssh" }].compactMap(\.self) }
}
