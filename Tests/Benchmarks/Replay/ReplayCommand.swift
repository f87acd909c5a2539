// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import TestSupport

/// How long `mayfly policy replay` takes over a million decisions, and how much memory.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Measure `mayfly policy replay` over a log of many decisions.",
        discussion:
            "The log is made first: every decision in it by the code of the service. The command is the one beside this.")

    @Option(help: "Decisions in the log.")
    var decisions = 1_000_000

    @Option(help: "Repetitions; the two sets of policies take turns.")
    var repetitions = 3

    func run() async throws {
        print(try await table())
    }

    func table() async throws -> String {
        let work = try TemporaryDirectory()
        defer { work.close() }
        for (name, policy) in [("same", ReplayLog.policy), ("edited", ReplayLog.edited)] {
            _ = try work.makeDirectory(name)
            try work.write(policy, to: "\(name)/policies.yaml")
        }
        let log = work.file("log.jsonl")
        let total = decisions
        try await ReplayLog().write(decisions, to: log) { made in
            if made % 100_000 == 0 || made == total { note("made \(made) decisions of \(total)") }
        }
        let size = try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int ?? 0

        var runs: [String: [Run]] = [:]
        for repetition in 1...max(1, repetitions) {
            for name in ["same", "edited"] {
                note("repetition \(repetition): replay under the \(name) policies")
                runs[name, default: []].append(try await replay(log, under: work.file(name), in: work))
            }
        }
        return try table(runs, megabytes: Double(size) / 1e6)
    }

    private struct Run {
        let seconds: Double
        /// Both in the last tenth of a second before its end.
        let processorSeconds: Double
        let peakMegabytes: Double
        let report: Report
    }

    private struct Report: Decodable {
        struct Change: Decodable {
            let change: String
            let count: Int
        }

        let decisions: Int
        let unchanged: Int
        let undecidable: Int
        let changes: [Change]
    }

    private func replay(_ log: String, under policies: String, in work: TemporaryDirectory) async throws -> Run {
        let output = work.file(UUID().uuidString)
        let begin = ContinuousClock.now
        let process = try await BackgroundProcess(
            "mayfly policy replay", MayflyCA.binary, ["policy", "replay", policies, "--log", log, "--examples", "3", "--json"],
            logPath: output)
        return try await serving(process) { process in
            var (processorTime, peak) = (0.0, 0.0)
            while try await process.status(within: .milliseconds(50)) == nil {
                processorTime = max(processorTime, ProcessFigures.processorTime(of: process.processID))
                peak = max(peak, ProcessFigures.memory(of: process.processID).peak)
            }
            let seconds = (ContinuousClock.now - begin).inSeconds
            guard let report = try? JSONDecoder().decode(Report.self, from: Data(process.log.utf8)) else {
                throw BenchmarkError.unexpected(process.log)
            }
            return Run(seconds: seconds, processorSeconds: processorTime / 1e6, peakMegabytes: peak, report: report)
        }
    }

    /// - Throws: unless every decision of the log was made again, and only the other policies made another of any.
    private func table(_ runs: [String: [Run]], megabytes: Double) throws -> String {
        var table = MarkdownTable(
            "replay of \(decisions) decisions (\(rounded(megabytes)) MB)", "s", "CPU s", "decisions per s", "MB at most",
            "changed")
        for (name, title) in [("same", "under the policies that decided"), ("edited", "under others")] {
            let runs = runs[name] ?? []
            guard let report = runs.first?.report, report.decisions == decisions, report.undecidable == 0,
                (report.unchanged == decisions) == (name == "same")
            else { throw BenchmarkError.unexpected("\(name): \(runs.map(\.report))") }
            let time = Spread(runs.map(\.seconds))
            let changes = report.changes.filter { $0.count > 0 }.map { "\($0.count) \($0.change)" }
            table.add(
                title, time.text, Spread(runs.map(\.processorSeconds)).text, rounded(Double(decisions) / time.median),
                rounded(runs.map(\.peakMegabytes).max() ?? 0), changes.isEmpty ? "none" : changes.joined(separator: ", "))
        }
        return table.text
    }
}
