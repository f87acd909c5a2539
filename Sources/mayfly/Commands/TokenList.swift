// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Client
import ServiceAPI

struct TokenList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the tokens that still let a host or a machine in, newest first.",
        discussion: """
            EXAMPLE:
              mayfly token list
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let found = try await server.connected { client, _ in try await client.openEnrolmentTokens() }
        try output.print(found) {
            TextTable(
                header: ["TOKEN", "ROLE", "FOR", "MADE BY", "MADE", "UNTIL"],
                rows: found.map { token in
                    [
                        token.id, token.role, token.whom, token.createdBy, token.createdAt.text, token.expiresAt.text,
                    ]
                }
            ).text
        }
    }
}

extension EnrolmentTokenSummary {
    var whom: String { tokenText(names: names, host: host) }
}

/// What a token is for.
func tokenText(names: [String]?, host: String?) -> String {
    (names ?? [host].compactMap(\.self)).map(TerminalText.word).joined(separator: ", ")
}
