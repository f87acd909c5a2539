// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import ServiceAPI

struct CAStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say which CA keys there are, what ends when, and what to do.",
        discussion: """
            Needs the capability keys.rotate.

            EXAMPLE:
              mayfly ca status
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let status = try await server.connected { client, _ in try await client.caStatus() }
        try output.print(status) { status.text }
    }
}

extension CAStatus {
    /// A table, and below it what to do, one line each.
    var text: String {
        let table = TextTable(
            header: ["KEY", "STATE", "FINGERPRINT", "ENDS", "LAST CERTIFICATE", "NOT YET ON"],
            rows: keys.map { key in
                [
                    key.name, key.state ?? "-", key.key ?? "-", key.endsAt?.text ?? "-", key.lastCertificateEndsAt?.text ?? "-",
                    key.missingOn.map(Self.shortened) ?? "-",
                ]
            }
        ).text
        let advice = keys.compactMap { key in
            key.advice.map { "\(TerminalText.word(key.name)) (\(key.state ?? "")): \(TerminalText.text($0))\n" }
        }
        return table + (advice.isEmpty ? "" : "\n" + advice.joined())
    }

    private static func shortened(_ hosts: [String]) -> String {
        hosts.prefix(3).joined(separator: ", ") + (hosts.count > 3 ? " and \(hosts.count - 3) more" : "")
    }
}
