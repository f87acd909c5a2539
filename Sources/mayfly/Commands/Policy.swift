// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct Policy: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check, test, question and compare policies.",
        discussion: """
            EXAMPLE:
              mayfly policy test policies
            """,
        subcommands: [
            PolicyCheck.self, PolicyTest.self, PolicyExplain.self, PolicyWhoCan.self, PolicyWhatCan.self,
            PolicyDiffCommand.self, PolicyReplayCommand.self, PolicyReload.self, PolicyImportCommand.self,
            PolicySchemaCommand.self,
        ])
}
