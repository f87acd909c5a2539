// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Issuance
import Policies

struct PolicyCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say everything that is wrong with a policy set, and what is probably not meant.",
        discussion: """
            EXAMPLE:
              mayfly policy check policies
            """)

    @Argument(help: "The policy directory.")
    var directory = "policies"

    @Option(help: ArgumentHelp("Hold lifetimes against the ceilings of the CA in this directory.", valueName: "directory"))
    var dir: String?

    @Flag(help: "Exit with status 1 when there are warnings.")
    var strict = false

    @OptionGroup var output: OutputOptions

    func run() throws {
        let set = try PolicySet.load(try PolicyDirectory(path: directory).files())
        let result = Result(
            digest: set.digest, roles: set.roleNames.count, rules: set.ruleCount, zones: set.zoneNames.count,
            tests: set.testCount, warnings: set.lint(ceilings: try ceilings).map(\.description))
        try output.print(result) {
            "ok: \(result.roles) roles, \(result.rules) rules, \(result.zones) zones, \(result.tests) tests\n"
                + result.warnings.map { "warning: \($0)\n" }.joined() + "\(result.digest)\n"
        }
        if strict, !result.warnings.isEmpty { throw ExitCode(1) }
    }

    private var ceilings: LifetimeCeilings? {
        get throws {
            guard let dir else { return nil }
            let ceilings = try Configuration(reading: CADirectory(path: dir)).ceilings
            return LifetimeCeilings(ssh: ceilings.ssh, sshHost: ceilings.sshHost, x509: ceilings.x509)
        }
    }

    private struct Result: Encodable {
        let digest: String
        let roles: Int
        let rules: Int
        let zones: Int
        let tests: Int
        let warnings: [String]
    }
}
