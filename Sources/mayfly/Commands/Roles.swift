// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import Policies
import ServiceAPI

struct Roles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the roles you may take.",
        discussion: """
            EXAMPLE:
              mayfly roles
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let list = try await server.connected { client, _ in try await client.roles() }
        try output.print(list) {
            TextTable(
                header: ["ROLE", "GIVES", "LONGEST", "DESCRIPTION"],
                rows: list.roles.map { role in
                    [
                        role.name, role.gives.joined(separator: ", "),
                        role.maximumLifetime.map { PolicyDuration.text(.seconds(Int64($0))) } ?? "-", role.description,
                    ]
                }
            ).text
        }
        if list.roles.isEmpty { Console.note("no rule gives you a role now") }
    }
}
