// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Policies

struct PolicyCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a policy set.",
        discussion: """
            EXAMPLE:
              mayfly policy check policies
            """)

    @Argument(help: "The policy directory.")
    var directory = "policies"

    @OptionGroup var output: OutputOptions

    func run() throws {
        let set = try PolicySet.load(try PolicyDirectory(path: directory).files())
        let result = Result(
            digest: set.digest, roles: set.roleNames.count, rules: set.ruleCount, zones: set.zoneNames.count,
            tests: set.testCount)
        try output.print(result) {
            "ok: \(result.roles) roles, \(result.rules) rules, \(result.zones) zones, \(result.tests) tests\n\(result.digest)\n"
        }
    }

    private struct Result: Encodable {
        let digest: String
        let roles: Int
        let rules: Int
        let zones: Int
        let tests: Int
    }
}
