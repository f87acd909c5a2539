// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct Notify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Who is told of access requests.",
        discussion: """
            EXAMPLE:
              mayfly notify test oncall --dir ca
            """,
        subcommands: [NotifyTest.self])
}
