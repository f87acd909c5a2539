// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Policies

struct PolicySchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of policy files, for editors.",
        discussion: """
            Begin a policy file with the line `# yaml-language-server: $schema=policy.schema.json`.

            EXAMPLE:
              mayfly policy schema > policy.schema.json
            """)

    func run() { Console.write(PolicySchema.text) }
}
