// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import ServiceAPI

struct HostRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "End the enrolment of a host: its certificate is revoked and renewed no more.",
        discussion: """
            EXAMPLE:
              mayfly host remove web1.example.com --reason decommissioned
            """)

    @Argument(help: "The name of the host.")
    var name: String

    @Option(help: "Why.")
    var reason: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let removed = try await server.connected { client, _ in
            try await client.removeHost(HostRemovalRequest(host: name, reason: reason))
        }
        try output.print(removed) {
            TextTable([
                "removed": removed.name, "role": removed.role, "certificate": removed.certificateSerial,
                "would have ended": removed.certificateValidBefore.text,
            ]).text
        }
    }
}
