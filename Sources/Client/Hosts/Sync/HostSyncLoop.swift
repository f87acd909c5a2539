// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials

/// Round after round of `HostSync`, for as long as the process lives.
package struct HostSyncLoop: Sendable {
    private let sync: HostSync
    private let note: @Sendable (String) -> Void

    /// Half a minute is what the server gives a request, so a wait ends before.
    private static let wait = 25  // seconds
    /// A server that answers at once, always, is asked no more often than this.
    private static let shortestRound = Duration.seconds(5)
    private static let longestPause = Duration.seconds(300)
    private static let reportInterval: Double = 300  // seconds; `HostHealth.longestSilence` counts on it

    /// - Parameter note: told what changed and what is wrong, each once.
    package init(_ sync: HostSync, note: @escaping @Sendable (String) -> Void) {
        self.sync = sync
        self.note = note
    }

    /// One round and its report.
    /// - Throws: the first of its problems.
    package func once() async throws {
        let round = try await sync.round(wait: 0)
        tell(round)
        try await sync.report(problem: Self.text(round.problems))
        for problem in round.problems.dropFirst() { note("error: \(problem)") }
        if let problem = round.problems.first { throw problem }
    }

    package func run() async throws {
        var pause = Self.shortestRound
        var told: String?
        var reported = Date.distantPast
        while !Task.isCancelled {
            let began = ContinuousClock.now
            var round = try await sync.round(wait: Self.wait)
            tell(round)
            let problem = Self.text(round.problems)
            if !round.changes.isEmpty || problem != told || sync.now().timeIntervalSince(reported) >= Self.reportInterval {
                do {
                    try await sync.report(problem: problem)
                    reported = sync.now()
                } catch let error as ClientError {
                    if !round.problems.contains(error) { round.problems.append(error) }
                }
            }
            if problem != told {
                for problem in round.problems { note("error: \(problem)" + (problem.hint.map { "; \($0)" } ?? "")) }
                if round.problems.isEmpty { note("up to date again") }
                told = problem
            }
            // Hosts that lost their server at once do not come back at once.
            pause = round.problems.isEmpty ? Self.shortestRound : min(Self.longestPause, pause * 2)
            let jitter = Double.random(in: 0.75...1.25)
            let rest = pause * jitter - (ContinuousClock.now - began)
            if rest > .zero { try await Task.sleep(for: rest) }
        }
    }

    private func tell(_ round: HostSync.Round) {
        for change in round.changes { note(change.description) }
    }

    private static func text(_ problems: [ClientError]) -> String? {
        problems.isEmpty ? nil : problems.map { TerminalText.text($0.description) }.joined(separator: "; ")
    }
}

extension HostSync.Change: CustomStringConvertible {
    package var description: String {
        switch self {
        case .userCAs: "trusts the new keys of the user CA"
        case .certificate(let end): "has a new host certificate until \(end.formatted(.iso8601))"
        case .revocationList(let version): "enforces revocation list \(version)"
        }
    }
}
