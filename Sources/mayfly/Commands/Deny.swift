// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import ServiceAPI

struct Deny: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say no to what somebody asked for, or take it away again.",
        discussion: """
            What is approved already is revoked, with every certificate issued under it.

            EXAMPLE:
              mayfly deny k3x7mw2p4qza --note "use the replica"
            """)

    @Argument(help: "Its id, as `mayfly requests` shows it.")
    var id: String

    @Option(help: "Why.")
    var note: String

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let view = try await server.connected { client, _ in try await client.denyAccess(id, note: note) }
        try output.print(view) { view.text }
    }
}
