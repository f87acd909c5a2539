// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import ServiceAPI

/// Rounds of `HostSync`, looks at the open sessions, and reports of both, for as long as the process lives.
package struct HostSyncLoop: Sendable {
    private let sync: HostSync
    private let sessions: SessionWatch?
    private let note: @Sendable (String) -> Void
    private let status = HostStatus()
    /// That there is a new list to look at the sessions by.
    private let listInstalled = Signal()

    /// Half a minute is what the server gives a request, so a wait ends before.
    private static let wait = 25  // seconds
    /// A server that answers at once, always, is asked no more often than this.
    private static let shortestRound = Duration.seconds(5)
    /// Revocations that follow each other are no such server.
    private static let mostQuickRounds = 4
    private static let longestPause = Duration.seconds(300)
    private static let reportInterval = Duration.seconds(300)  // `HostHealth.longestSilence` counts on it
    private static let sessionInterval = Duration.seconds(30)
    /// A login that sshd judged by the list before is a session a moment later.
    private static let secondLook = Duration.seconds(5)

    /// - Parameters:
    ///   - sessions: nil to leave open sessions alone.
    ///   - note: told what changed and what is wrong, each once.
    package init(_ sync: HostSync, sessions: SessionWatch?, note: @escaping @Sendable (String) -> Void) {
        self.sync = sync
        self.sessions = sessions
        self.note = note
    }

    /// One round, one look at the sessions, and the report.
    /// - Throws: the first problem.
    package func once() async throws {
        let round = try await sync.round(wait: 0)
        tell(round)
        status.update { $0.roundProblem = Self.text(round.problems) }
        var problems = round.problems
        if let sessions {
            do throws(ClientError) { _ = try await look(at: sessions) } catch { problems.append(error) }
        }
        try await report()
        for problem in problems.dropFirst() { note("error: \(problem)") }
        if let problem = problems.first { throw problem }
    }

    package func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await rounds() }
            group.addTask { try await reports() }
            if let sessions { group.addTask { await watch(sessions) } }
            try await group.waitForAll()
        }
    }

    private func rounds() async throws {
        var pause = Self.shortestRound
        var quickRounds = 0
        var told: String?
        while !Task.isCancelled {
            let began = ContinuousClock.now
            let round = try await sync.round(wait: Self.wait)
            tell(round)
            let problem = Self.text(round.problems)
            status.update {
                $0.roundProblem = problem
                $0.changes += round.changes.count
            }
            if round.changes.contains(where: \.isRevocationList) { listInstalled.send() }
            if problem != told {
                for problem in round.problems { tell(problem) }
                if round.problems.isEmpty { note("up to date again") }
                told = problem
            }
            // Hosts that lost their server at once do not come back at once.
            pause = round.problems.isEmpty ? Self.shortestRound : min(Self.longestPause, pause * 2)
            let took = ContinuousClock.now - began
            quickRounds = took < Self.shortestRound ? quickRounds + 1 : 0
            guard !round.problems.isEmpty || quickRounds > Self.mostQuickRounds else { continue }
            let rest = pause * Double.random(in: 0.75...1.25) - took
            if rest > .zero { try await Task.sleep(for: rest) }
        }
    }

    private func watch(_ sessions: SessionWatch) async {
        var list: UInt64?
        var told: ClientError?
        while !Task.isCancelled {
            var rest = Self.sessionInterval
            do throws(ClientError) {
                let pass = try await look(at: sessions)
                if let next = pass.next {
                    rest = min(rest, max(.milliseconds(100), .seconds(next.timeIntervalSince(sync.now()))))
                }
                if pass.list != list { rest = min(rest, Self.secondLook) }
                list = pass.list
                told = nil
            } catch {
                if error != told { tell(error) }
                told = error
            }
            await listInstalled.wait(atMost: rest)
        }
    }

    private func look(at sessions: SessionWatch) async throws(ClientError) -> SessionWatch.Pass {
        do {
            let pass = try await sessions.pass(at: sync.now)
            for outcome in pass.outcomes { tell(outcome) }
            status.update { contents in
                contents.sessionProblem = nil
                contents.sessionsList = pass.list
                // What was found open before keeps the time at which it was.
                let known = Dictionary(contents.open.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
                contents.open = pass.open.map { session in
                    var session = session
                    if let before = known[session.id], before.outcome == session.outcome { session.at = before.at }
                    return session
                }
                contents.changes += pass.ended.count
            }
            return pass
        } catch let error as ClientError {
            status.update { $0.sessionProblem = Self.text([error]) }
            throw error
        } catch {
            throw .host(.sessions("\(error)"))
        }
    }

    private func reports() async throws {
        var reported: HostStatus.Contents?
        var due = ContinuousClock.now
        var pause = Self.shortestRound
        var told: ClientError?
        await status.changed.wait(atMost: .seconds(1))
        while !Task.isCancelled {
            let contents = status.contents
            if contents != reported || ContinuousClock.now >= due {
                do {
                    try await report()
                    reported = contents
                    due = .now + Self.reportInterval
                    pause = Self.shortestRound
                    told = nil
                } catch let error as ClientError {
                    // Of a server that is down the rounds tell.
                    if error != told, contents.roundProblem != Self.text([error]) { tell(error) }
                    told = error
                    try await Task.sleep(for: pause * Double.random(in: 0.75...1.25))
                    pause = min(Self.longestPause, pause * 2)
                    continue
                }
            }
            await status.changed.wait(atMost: due - .now)
            // A new list and what it ended are one report, where the sessions end at once.
            if sessions != nil, !Task.isCancelled { try await Task.sleep(for: .milliseconds(100)) }
        }
    }

    private func report() async throws {
        let contents = status.contents
        var ended: [ReportedSession] = []
        if let sessions {
            repeat {
                ended = Array(try sessions.unreported().prefix(ReportedSession.mostInReport))
                try await sync.report(
                    problem: contents.problem,
                    sessions: .init(
                        list: contents.sessionsList, ended: ended,
                        open: Array(contents.open.prefix(ReportedSession.mostInReport))))
                try await sessions.forget(ended)
            } while ended.count == ReportedSession.mostInReport
        } else {
            try await sync.report(problem: contents.problem)
        }
    }

    private func tell(_ round: HostSync.Round) {
        for change in round.changes { note(change.description) }
    }

    private func tell(_ problem: ClientError) {
        note("error: \(problem)" + (problem.hint.map { "; \($0)" } ?? ""))
    }

    private func tell(_ outcome: SessionOutcome) {
        let title = TerminalText.text(outcome.session.title)
        switch outcome.fate {
        case .ended(let reason, let forced): note("\(forced ? "killed" : "ended") the session of \(title): \(reason)")
        case .notEnded(let reason): note("error: the session of \(title) is still open: \(reason)")
        case .stays where outcome.wasWarned: note("warned \(title) that the session ends with its certificate")
        case .stays, .undetermined: break
        }
    }

    private static func text(_ problems: [ClientError]) -> String? {
        problems.isEmpty ? nil : problems.map { TerminalText.text($0.description) }.joined(separator: "; ")
    }
}

extension HostSync.Change {
    fileprivate var isRevocationList: Bool {
        if case .revocationList = self { true } else { false }
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
