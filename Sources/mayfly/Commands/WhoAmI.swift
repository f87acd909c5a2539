// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import ServiceAPI

struct WhoAmI: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Show who the server takes you for.",
        discussion: """
            EXAMPLE:
              mayfly whoami
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let identity = try await server.connected { client, _ in try await client.whoami() }
        try output.print(identity) {
            TextTable([
                "user": identity.user, "login": identity.login, "groups": identity.groups.joined(separator: ", "),
                "proven by": identity.provider, "session until": identity.sessionExpiresAt?.text,
            ]).text
        }
    }
}

extension ServiceAPI.WhoAmI {
    var displayName: String { TerminalText.word(user ?? provider) }
}
