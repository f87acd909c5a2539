// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import ServiceAPI

struct Certificates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what was issued, newest first.",
        discussion: """
            EXAMPLE:
              mayfly certificates --active --role prod-web-debug
            """)

    @Option(help: "Of this person; only yours, unless a role lets you read all.")
    var user: String?

    @Option(help: "Of this role.")
    var role: String?

    @Option(help: "That open or name this host.")
    var host: String?

    @Flag(help: "Only those that are valid now.")
    var active = false

    @Option(name: .shortAndLong, help: "How many at most.")
    var limit = 200

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be 1 or more") }
    }

    func run() async throws {
        let found = try await server.connected { client, _ in
            try await client.certificates(user: user, role: role, host: host, onlyActive: active, limit: limit)
        }
        try output.print(CertificateList(certificates: found, next: nil)) {
            TextTable(
                header: ["KIND", "SERIAL", "USER", "ROLE", "NAMES", "UNTIL", "STATE"],
                rows: found.map { certificate in
                    [
                        certificate.kind.rawValue, certificate.serial, certificate.user ?? "-",
                        certificate.role.isEmpty ? "-" : certificate.role,
                        certificate.names.joined(separator: ", "), certificate.validBefore.text,
                        certificate.state(at: Date()),
                    ]
                }
            ).text
        }
    }
}

extension CertificateSummary {
    fileprivate func state(at now: Date) -> String {
        if let revokedAt { return "revoked \(revokedAt.text)" }
        return validBefore <= now ? "ended" : "valid"
    }
}
