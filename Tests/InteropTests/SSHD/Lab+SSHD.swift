// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

extension Lab {
    /// A real sshd that trusts the user CA of this lab and nothing else.
    ///
    /// Its principals are those `mayfly host config` writes.
    func sshd(
        zones: [String], hostname: String = "localhost", hostKey: String? = nil, hostCertificate: String? = nil
    ) async throws -> SSHServer {
        try await SSHServer(
            .init(
                userCAKeys: [try await exported("ssh-user")],
                principals: [login: try await principals(zones: zones, hostname: hostname)], hostKey: hostKey,
                hostCertificate: hostCertificate))
    }

    func principals(zones: [String], hostname: String) async throws -> [String] {
        let folder = work.file("host-\(UInt32.random(in: .min ... .max))")
        try await mayfly(
            ["host", "config"] + zones.flatMap { ["--zones", $0] }
                + ["--logins", login, "--hostname", hostname, "--dir", folder])
        let text = try String(contentsOfFile: "\(folder)/principals/\(login)", encoding: .utf8)
        return text.split(separator: "\n").map(String.init)
    }

    /// What `ssh-keygen` reads in a certificate; it verifies the signature.
    func listing(_ certificate: String) async throws -> String {
        try await run("ssh-keygen", ["-L", "-f", certificate]).checked().stdout
    }
}
