// SPDX-License-Identifier: Apache-2.0

import AuditLog
package import FoundationEssentials

/// What one round did, and what it could not do. One failure does not keep the rest from being done.
package struct SyncRound<Change: Sendable>: Sendable {
    package var changes: [Change] = []
    package var problems: [ClientError] = []

    /// - Throws: what is no `ClientError`: it ends the round.
    mutating func attempt(_ body: () async throws -> Change?) async throws {
        do {
            if let change = try await body() { changes.append(change) }
        } catch let error as ClientError {
            if !problems.contains(error) { problems.append(error) }
        }
    }
}

/// Something on this machine that is kept up to date from a server. A server that is down or lies changes nothing.
package protocol Synchronized: Sendable {
    /// Something that was brought up to date, in words.
    associatedtype Change: CustomStringConvertible & Sendable

    var now: @Sendable () -> Date { get }

    /// - Parameter wait: seconds to wait for something that is newer than what is here.
    func round(wait: Int) async throws -> SyncRound<Change>

    /// Tells the server what is in force here.
    func report(problem: String?) async throws
}

/// Round after round, for as long as the process lives.
package struct SyncLoop<Subject: Synchronized>: Sendable {
    private let sync: Subject
    private let note: @Sendable (String) -> Void

    /// Half a minute is what the server gives a request, so a wait ends before.
    private var wait: Int { 25 }  // seconds
    /// A server that answers at once, always, is asked no more often than this.
    private var shortestRound: Duration { .seconds(5) }
    private var longestPause: Duration { .seconds(300) }
    private var reportInterval: Double { 300 }  // seconds; `HostHealth.longestSilence` counts on it

    /// - Parameter note: told what changed and what is wrong, each once.
    package init(_ sync: Subject, note: @escaping @Sendable (String) -> Void) {
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
        var pause = shortestRound
        var told: String?
        var reported = Date.distantPast
        while !Task.isCancelled {
            let began = ContinuousClock.now
            var round = try await sync.round(wait: wait)
            tell(round)
            let problem = Self.text(round.problems)
            if !round.changes.isEmpty || problem != told || sync.now().timeIntervalSince(reported) >= reportInterval {
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
            // Machines that lost their server at once do not come back at once.
            pause = round.problems.isEmpty ? shortestRound : min(longestPause, pause * 2)
            let jitter = Double.random(in: 0.75...1.25)
            let rest = pause * jitter - (ContinuousClock.now - began)
            if rest > .zero { try await Task.sleep(for: rest) }
        }
    }

    private func tell(_ round: SyncRound<Subject.Change>) {
        for change in round.changes { note(change.description) }
    }

    private static func text(_ problems: [ClientError]) -> String? {
        problems.isEmpty ? nil : problems.map { TerminalText.text($0.description) }.joined(separator: "; ")
    }
}
