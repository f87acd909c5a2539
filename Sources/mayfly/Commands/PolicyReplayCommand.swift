// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import AuditLog
import Client
import FoundationEssentials
import Issuance
import Policies

struct PolicyReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Decide again what is in the audit log, under other policies.",
        discussion: """
            Says which requests would now be refused, allowed, need approval, or \
            get a certificate that lives shorter. The log comes from the server, \
            or from a file of entries as `mayfly audit tail --json` prints them.

            Exit status 1: something changes; 65: it could not be said, for the \
            policies or the log cannot be read, or nothing in it can be decided \
            again.

            EXAMPLE:
              mayfly policy replay policies --since 30d
            """)

    @Argument(help: "The policy directory to decide under.")
    var directory: String

    @Option(
        help: ArgumentHelp("Only what happened this long ago or later.", valueName: "duration"),
        transform: { try PolicyDuration.parse($0) })
    var since: Duration?

    @Option(
        help: ArgumentHelp("Entries of the log, a line each, instead of the server's; - for standard input.", valueName: "file")
    )
    var log: String?

    @Option(help: "How many examples to show of each change.")
    var examples = 10

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard examples >= 0 else { throw ValidationError("--examples must not be negative") }
    }

    func run() async throws {
        let report: ReplayReport
        do { report = try await self.report() } catch { throw Unanswered(cause: error) }
        try output.print(report) { report.text }
        guard report.isUnchanged else { throw ExitCode(1) }
    }

    private func report() async throws -> ReplayReport {
        let replay = PolicyReplay(under: try PolicySet.load(inDirectory: directory))
        let start = since.map { AuditTime(Date().addingTimeInterval(-Double($0.components.seconds))) }
        let report =
            if let log {
                try await report(try LogLines(path: log), replay, since: start)
            } else {
                try await server.connected { client, _ in
                    try await self.report(LogPages(client: client, start: start), replay, since: start)
                }
            }
        guard report.decisions == 0 || report.undecidable < report.decisions else {
            throw NothingDecidable()
        }
        return report
    }

    private struct NothingDecidable: ExplainedError {
        var description: String { "nothing in the log can be decided again" }
        var hint: String? { "a log has an entry in each line, as `mayfly audit tail --json` prints them" }
    }

    /// On every core: entries do not depend on each other.
    private func report(
        _ batches: some AsyncSequence<LogBatch, any Error>, _ replay: PolicyReplay, since start: AuditTime?
    ) async throws -> ReplayReport {
        defer { Console.endProgress() }
        var report = ReplayReport(examples: examples)
        try await batches.eachInOrder { batch in
            replay.verdicts(on: batch, since: start)
        } take: { verdicts in
            report.add(verdicts)
            Console.progress("decided \(report.decisions) requests again")
        }
        return report
    }
}
