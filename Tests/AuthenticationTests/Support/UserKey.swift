// SPDX-License-Identifier: Apache-2.0

import Foundation

/// An SSH key of a person, made and used by ssh-keygen.
struct UserKey: Sendable {
    private let directory: ScratchDirectory
    /// The line of the `.pub` file.
    let line: String

    init(_ type: String = "ed25519") throws {
        directory = try ScratchDirectory()
        try directory.sshKeygen("-q", "-t", type, "-N", "", "-C", "ana@laptop", "-f", "key")
        line = try String(contentsOfFile: directory.path + "/key.pub", encoding: .utf8)
            .trimmingCharacters(in: .newlines)
    }

    /// The armored SSHSIG over `message`.
    func signature(over message: [UInt8], namespace: String) throws -> String {
        try directory.sshKeygen("-q", "-Y", "sign", "-f", "key", "-n", namespace, input: message)
    }

    /// The line of a certificate for this key, by itself as CA.
    func certificateLine() throws -> String {
        try directory.sshKeygen("-q", "-s", "key", "-I", "id", "-n", "ana", "-V", "+1h", "key.pub")
        return try String(contentsOfFile: directory.path + "/key-cert.pub", encoding: .utf8)
            .trimmingCharacters(in: .newlines)
    }
}

/// A user file with these entries.
func userFile(_ users: (name: String, groups: [String], keys: [String])...) -> [UInt8] {
    let entries = users.map { user in
        """
          \(user.name):
            login: \(user.name.prefix { $0 != "@" })
            groups: [\(user.groups.joined(separator: ", "))]
            ssh_keys:
        \(user.keys.map { "      - \"\($0)\"" }.joined(separator: "\n"))
        """
    }
    return Array("users:\n\(entries.joined(separator: "\n"))\n".utf8)
}
