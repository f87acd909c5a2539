// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// A user CA, a host CA and a user key, all made by `ssh-keygen`.
struct SSHCredentials {
    let directory: TemporaryDirectory
    var userKey: String { directory.file("user") }
    var hostKey: String { directory.file("host") }

    init() async throws {
        directory = try TemporaryDirectory()
        for name in ["user_ca", "host_ca", "user", "host"] {
            try await keygen("-t", "ed25519", "-N", "", "-C", name, "-f", name)
        }
    }

    func line(_ name: String) throws -> String {
        try directory.text(of: name + ".pub").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Signs the user key and returns the certificate's path.
    func userCertificate(principal: String) async throws -> String {
        let name = "user-" + principal
        try directory.write(try line("user") + "\n", to: name + ".pub")
        try await keygen("-s", "user_ca", "-I", "test", "-n", principal, "-V", "+5m", name + ".pub")
        return directory.file(name + "-cert.pub")
    }

    func hostCertificate(name: String) async throws -> String {
        try await keygen("-s", "host_ca", "-h", "-I", "test", "-n", name, "-V", "+5m", "host.pub")
        return directory.file("host-cert.pub")
    }

    func keygen(_ arguments: String...) async throws {
        try await run("ssh-keygen", ["-q"] + arguments, directory: directory.path).checked()
    }
}
