// SPDX-License-Identifier: Apache-2.0

import Policies
import SSHCertificates
package import StrictYAML

/// The local user file: who may log in with which SSH keys. An immutable snapshot of one version of the file.
///
/// ```yaml
/// users:
///   ana@example.com:
///     login: ana
///     groups: [engineers]
///     ssh_keys: ["ssh-ed25519 AAAA… ana@laptop"]
/// ```
package struct LocalUsers: Sendable {
    private let users: [String: LocalUser]
    /// Of all of them, on servers.
    let logins: Set<String>

    package var all: [LocalUser] { users.values.sorted { $0.name < $1.name } }

    package subscript(name: String) -> LocalUser? { users[name] }

    /// Strict: what is unknown, double or of the wrong type refuses the whole file.
    /// - Parameter name: what messages call the file.
    package init(parsing bytes: [UInt8], file name: String) throws(YAMLErrors) {
        var reader = LocalUsersReader()
        users = reader.read(bytes, name)
        logins = Set(users.values.compactMap(\.login))
        guard reader.problems.isEmpty else { throw reader.problems.sorted }
    }
}

private struct LocalUsersReader: YAMLReading {
    var problems = YAMLProblems()

    private static let maximumBytes = 4 << 20

    mutating func read(_ bytes: [UInt8], _ name: String) -> [String: LocalUser] {
        guard let root = YAMLNode.parse(bytes, file: name, limit: Self.maximumBytes, &problems),
            let fields = fields(root, "the user file", known: ["users"])
        else { return [:] }
        guard let list = fields["users"] else {
            if problems.isEmpty { problems.add(root.position, "`users` is missing") }
            return [:]
        }
        var users: [String: LocalUser] = [:]
        for entry in entries(list, "`users`") ?? [] {
            users[entry.key] = user(entry)
        }
        return users
    }

    private mutating func user(_ entry: YAMLNode.Entry) -> LocalUser? {
        if !LocalUser.isValidName(entry.key) {
            problems.add(
                entry.keyPosition, "`\(printable: entry.key)` is not a user name; expected letters, digits and `.@_+-`")
        }
        guard let fields = fields(entry.value, "a user", known: ["login", "groups", "ssh_keys"]) else { return nil }
        let login = fields["login"].flatMap { text($0, "`login`") }
        if let login, let node = fields["login"], !LoginName.isValid(login) {
            problems.add(node.position, "`\(printable: login)` is not a login; expected `[a-z_][a-z0-9_.-]*`, 32 at most")
        }
        let groups = fields["groups"].map { texts($0, "`groups`") } ?? []
        let lines = fields["ssh_keys"].map { texts($0, "`ssh_keys`") } ?? []
        let keys = lines.compactMap { line in
            attempt(line.position) { () throws(SSHKeyError) in try SSHPublicKey(authorizedKey: line.text) }
        }
        return LocalUser(name: entry.key, login: login, groups: Set(groups.map(\.text)), keys: keys)
    }
}
