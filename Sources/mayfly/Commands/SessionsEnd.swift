// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import ServiceAPI

struct SessionsEnd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "end", abstract: "End sessions at once: a lost laptop's, or all of a person.",
        discussion: """
            Certificates already issued stay valid until they end. Who is still in the user file can log in again.

            EXAMPLE:
              mayfly sessions end --others
            """)

    @Argument(help: "The session, as `mayfly sessions` shows it.")
    var serial: String?

    @Option(help: "All sessions of this person; only yours, unless a role lets you end all.")
    var user: String?

    @Flag(help: "All of yours but this one.")
    var others = false

    @Option(help: "Why; it goes into the audit log.")
    var reason: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [serial != nil, user != nil, others].count(where: \.self) == 1 else {
            throw ValidationError("name a session, or --user, or --others")
        }
    }

    func run() async throws {
        let reply = try await server.connected { client, _ in
            try await client.endSessions(
                SessionEndingRequest(serial: serial, user: user, others: others ? true : nil, reason: reason))
        }
        try output.print(reply) { reply.ended.map { "ended \($0)\n" }.joined() }
        if reply.ended.isEmpty { Console.note("there was none to end") }
    }
}
