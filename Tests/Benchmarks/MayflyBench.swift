// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

@main
struct MayflyBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mayfly-bench", abstract: "Figures of mayfly: what a certificate costs, and where.",
        discussion: "Only a release build means anything. The tables are Markdown.",
        subcommands: [
            MicroCommand.self, ListsCommand.self, LoadCommand.self, FleetCommand.self, ApprovalCommand.self, ReplayCommand.self,
            ReportCommand.self,
        ])
}
