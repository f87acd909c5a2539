// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell why something works, or does not.",
        discussion: """
            EXAMPLE:
              mayfly why ssh deploy@web1.example.com
            """,
        subcommands: [WhySSH.self])
}
