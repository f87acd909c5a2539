// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials
import ServiceAPI

struct SessionsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List your open sessions, newest first.",
        discussion: """
            A session ends at its time, when it goes unused for too long, at logout, and when somebody ends it.

            EXAMPLE:
              mayfly sessions list --user ana@example.com
            """)

    @Flag(help: "Everybody's; a role must let you.")
    var all = false

    @Option(help: "Of this person; only yours, unless a role lets you read all.")
    var user: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !all || user == nil else { throw ValidationError("--all and --user exclude each other") }
    }

    func run() async throws {
        let found = try await server.connected { client, _ in try await client.sessions(user: user, ofEverybody: all) }
        try output.print(SessionList(sessions: found, next: nil)) {
            TextTable(
                header: ["SERIAL", "USER", "SINCE", "LAST USED", "FROM", "UNTIL", ""],
                rows: found.map { session in
                    [
                        session.serial, session.user ?? session.provider, session.createdAt.text, session.lastUsedAt.text,
                        session.lastAddress ?? "-", session.idleEndsAt.text, session.isCurrent ? "this one" : "",
                    ]
                }
            ).text
        }
    }
}
