// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct Policy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check and test policy files.",
        discussion: """
            EXAMPLE:
              mayfly policy test policies
            """,
        subcommands: [PolicyCheck.self, PolicyTest.self, PolicyReplayCommand.self, PolicyReload.self, PolicySchemaCommand.self])
}
