// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import ServiceAPI

/// Rounds of `HostSync`, looks at the open sessions, and reports of both, for as long as the process lives.
package struct HostSyncLoop: Sendable {
    private let sync: HostSync
    private let rounds: SyncLoop<HostSync>
    private let sessions: SessionWatch?
    private let note: @Sendable (String) -> Void
    private let status: HostStatus
    /// That there is a new list to look at the sessions by.
    private let listInstalled: Signal

    private static let reportInterval = Duration.seconds(300)  // `HostHealth.longestSilence` counts on it
    private static let sessionInterval = Duration.seconds(30)
    /// A login that sshd judged by the list before is a session a moment later.
    private static let secondLook = Duration.seconds(5)

    /// - Parameters:
    ///   - sessions: nil to leave open sessions alone.
    ///   - note: told what changed and what is wrong, each once.
    package init(_ sync: HostSync, sessions: SessionWatch?, note: @escaping @Sendable (String) -> Void) {
        let status = HostStatus()
        let listInstalled = Signal()
        self.sync = sync
        self.sessions = sessions
        self.note = note
        self.status = status
        self.listInstalled = listInstalled
        rounds = SyncLoop(sync, note: note) { round in
            status.update {
                $0.roundProblem = round.problems.text
                $0.changes += round.changes.count
            }
            if round.changes.contains(where: \.isRevocationList) { listInstalled.send() }
        }
    }

    /// One round, one look at the sessions, and the report.
    /// - Throws: the first problem.
    package func once() async throws {
        var problems = try await rounds.round(wait: 0).problems
        if let sessions {
            do throws(ClientError) { _ = try await look(at: sessions) } catch { problems.append(error) }
        }
        try await report()
        try problems.throwFirst(others: note)
    }

    package func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await rounds.run() }
            group.addTask { try await reports() }
            if let sessions { group.addTask { await watch(sessions) } }
            try await group.waitForAll()
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
                if error != told { note(error.note) }
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
            status.update { $0.sessionProblem = [error].text }
            throw error
        } catch {
            throw .host(.sessions("\(error)"))
        }
    }

    private func reports() async throws {
        var reported: HostStatus.Contents?
        var due = ContinuousClock.now
        var pause = SyncPause.shortest
        var told: ClientError?
        await status.changed.wait(atMost: .seconds(1))
        while !Task.isCancelled {
            let contents = status.contents
            if contents != reported || ContinuousClock.now >= due {
                do {
                    try await report()
                    reported = contents
                    due = .now + Self.reportInterval
                    pause = SyncPause.shortest
                    told = nil
                } catch let error as ClientError {
                    // Of a server that is down the rounds tell.
                    if error != told, contents.roundProblem != [error].text { note(error.note) }
                    told = error
                    try await Task.sleep(for: SyncPause.spread(pause))
                    pause = min(SyncPause.longest, pause * 2)
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

    private func tell(_ outcome: SessionOutcome) {
        let title = TerminalText.text(outcome.session.title)
        switch outcome.fate {
        case .ended(let reason, let forced): note("\(forced ? "killed" : "ended") the session of \(title): \(reason)")
        case .notEnded(let reason): note("error: the session of \(title) is still open: \(reason)")
        case .stays where outcome.wasWarned: note("warned \(title) that the session ends with its certificate")
        case .stays, .undetermined: break
        }
    }
}

extension HostSync.Change {
    fileprivate var isRevocationList: Bool {
        if case .revocationList = self { true } else { false }
    }
}
