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

    @Option(
        help: ArgumentHelp(
            "Write the results here too, as JUnit XML for CI; - for standard output, in place of the text.", valueName: "file"))
    var junit: String?

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard junit != "-" || !output.json else { throw ValidationError("--json and --junit - both go to standard output") }
    }

    func run() throws {
        let results: [PolicyTestResult]
        do {
            results = try PolicySet.load(inDirectory: directory).runTests()
        } catch {
            try write(JUnitReport(set: directory, error: error))
            throw error
        }
        try write(JUnitReport(results: results))
        let failed = results.filter { !$0.passed }
        let report = Report(
            passed: results.count - failed.count, failed: failed.count,
            failures: failed.map {
                .init(place: $0.position.fileAndLine, name: $0.name, differences: $0.differences)
            })
        if junit != "-" {
            try output.print(report) {
                failed.map(Self.text).joined() + "\(report.passed) passed, \(report.failed) failed\n"
            }
        }
        guard failed.isEmpty else { throw ExitCode(1) }
    }

    private func write(_ report: JUnitReport) throws {
        guard let junit else { return }
        if junit == "-" { Console.write(report.text) } else { try Files.write(report.text, to: junit) }
    }

    /// A test that failed: where and what, then each difference on a line of its own.
    private static func text(_ result: PolicyTestResult) -> String {
        "✘ \(result.position.fileAndLine): \(result.name)\n" + result.differences.map { "    \($0)\n" }.joined()
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
