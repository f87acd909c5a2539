// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import ServiceAPI

struct Hosts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the hosts that look after themselves, and which revocation list each enforces.",
        discussion: """
            EXAMPLE:
              mayfly hosts --stale
            """)

    @Flag(help: "Only those that are not up to date.")
    var stale = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (found, published) = try await server.connected { client, _ in
            // Where the server has no list at the moment, the newest that a host enforces is what the others are held to.
            (try await client.hosts(), try? await client.revocationList(after: nil, wait: 0)?.version)
        }
        let now = Date()
        let newest = (found.compactMap(\.report?.revocationListVersion) + (published.map { [$0] } ?? [])).max()
        let shown = found.filter { !stale || $0.health(at: now, newest: newest) != .upToDate }
        try output.print(shown.map { Line($0, $0.health(at: now, newest: newest)) }) {
            TextTable(
                header: ["HOST", "ROLE", "ZONES", "CERTIFICATE UNTIL", "LIST", "REPORTED", "STATE"],
                rows: shown.map { host in
                    [
                        host.name, host.role, host.zones.joined(separator: ", "), host.certificateValidBefore.text,
                        host.report?.revocationListVersion.map(String.init) ?? "-", host.reportedAt?.text ?? "never",
                        host.health(at: now, newest: newest).description,
                    ]
                }
            ).text
        }
    }

    private struct Line: Encodable {
        let host: HostSummary
        let state: String
        let upToDate: Bool

        init(_ host: HostSummary, _ health: HostHealth) {
            self.host = host
            state = health.description
            upToDate = health == .upToDate
        }

        enum CodingKeys: String, CodingKey {
            case host, state
            case upToDate = "up_to_date"
        }
    }
}
