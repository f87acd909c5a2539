// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct Sessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the sessions that are open, and end them.",
        discussion: """
            EXAMPLE:
              mayfly sessions --all
            """,
        subcommands: [SessionsList.self, SessionsEnd.self], defaultSubcommand: SessionsList.self)
}
