// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport

extension Lab {
    /// Adds an engineer to the user file, which ends with the list of users, and has it read again.
    /// - Parameter key: a line as in a `.pub` file.
    func addUser(_ name: String, login: String, key: String) throws {
        let path = ca.caDirectory + "/users.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let user = "\n  \(name):\n    login: \(login)\n    groups: [engineers]\n    ssh_keys: [\"\(key)\"]\n"
        try (text + user).write(toFile: path, atomically: true, encoding: .utf8)
        ca.send(SIGHUP)
    }

    /// Tries until it succeeds.
    func whenUsersAreRead(_ attempt: () async throws -> Bool) async throws {
        try await eventually("the files were not read again: \(ca.log)", attempt)
    }
}
