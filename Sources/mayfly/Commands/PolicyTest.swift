// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Policies
import StrictYAML

struct PolicyTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the tests in the policy files.",
        discussion: """
            EXAMPLE:
              mayfly policy test policies
            """)

    @Argument(help: "The policy directory.")
    var directory = "policies"

    @OptionGroup var output: OutputOptions

    func run() throws {
        let results = try PolicySet.load(try PolicyDirectory(path: directory).files()).runTests()
        let failed = results.filter { !$0.passed }
        let report = Report(
            passed: results.count - failed.count, failed: failed.count,
            failures: failed.map { .init(place: $0.position.fileAndLine, name: $0.name, differences: $0.differences) })
        try output.print(report) {
            failed.map { "✘ \($0)\n" }.joined() + "\(report.passed) passed, \(report.failed) failed\n"
        }
        guard failed.isEmpty else { throw ExitCode(1) }
    }

    private struct Report: Encodable {
        let passed: Int
        let failed: Int
        let failures: [Failure]

        struct Failure: Encodable {
            let place: String
            let name: String
            let differences: [String]
        }
    }
}
