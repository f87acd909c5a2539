// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Client
import FoundationEssentials

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find out why something does not work: files, server, clock, session, ssh.",
        discussion: """
            One thing after another, up to the first that is wrong. Changes nothing. Exit status 1 when something is.

            EXAMPLE:
              mayfly doctor
            """)

    @Option(help: ArgumentHelp("The server, if not that of the last login.", valueName: "url"))
    var server: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let findings = await Client.Doctor(environment: ProcessInfo.processInfo.environment, url: server).findings()
        let failed = findings.first { $0.result == .failed }
        try output.print(Report(ok: failed == nil, steps: findings)) {
            TextTable(
                header: ["STEP", "", ""], rows: findings.map { [$0.step.rawValue, $0.result.rawValue, $0.detail ?? ""] }
            ).text
        }
        guard let failed else { return }
        if let hint = failed.hint { Console.note("hint: \(hint)") }
        throw ExitCode(1)
    }

    private struct Report: Encodable {
        let ok: Bool
        let steps: [DoctorFinding]
    }
}
