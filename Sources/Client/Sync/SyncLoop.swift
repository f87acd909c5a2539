// SPDX-License-Identifier: Apache-2.0

import AuditLog

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

    /// - Parameter wait: seconds to wait for something that is newer than what is here.
    func round(wait: Int) async throws -> SyncRound<Change>
}

/// How long loops rest that ask a server.
enum SyncPause {
    /// A server that answers at once, always, is asked no more often than this.
    static let shortest = Duration.seconds(5)
    static let longest = Duration.seconds(300)

    /// Machines that lost their server at once do not come back at once.
    static func spread(_ pause: Duration) -> Duration { pause * Double.random(in: 0.75...1.25) }
}

/// Round after round, for as long as the process lives.
package struct SyncLoop<Subject: Synchronized>: Sendable {
    private let sync: Subject
    private let note: @Sendable (String) -> Void
    private let after: @Sendable (SyncRound<Subject.Change>) -> Void

    /// Half a minute is what the server gives a request, so a wait ends before.
    private var wait: Int { 25 }  // seconds
    /// Changes that follow each other are no server that answers at once, always.
    private var mostQuickRounds: Int { 4 }

    /// - Parameters:
    ///   - note: told what changed and what is wrong, each once.
    ///   - after: told of each round.
    package init(
        _ sync: Subject, note: @escaping @Sendable (String) -> Void,
        after: @escaping @Sendable (SyncRound<Subject.Change>) -> Void = { _ in }
    ) {
        self.sync = sync
        self.note = note
        self.after = after
    }

    /// - Throws: the first problem of the one round.
    package func once() async throws {
        try await round(wait: 0).problems.throwFirst(others: note)
    }

    package func run() async throws {
        var pause = SyncPause.shortest
        var quickRounds = 0
        var told: [ClientError] = []
        while !Task.isCancelled {
            let began = ContinuousClock.now
            let problems = try await round(wait: wait).problems
            if problems.text != told.text {
                for problem in problems { note(problem.note) }
                if problems.isEmpty { note("up to date again") }
                told = problems
            }
            pause = problems.isEmpty ? SyncPause.shortest : min(SyncPause.longest, pause * 2)
            let took = ContinuousClock.now - began
            quickRounds = took < SyncPause.shortest ? quickRounds + 1 : 0
            guard !problems.isEmpty || quickRounds > mostQuickRounds else { continue }
            let rest = SyncPause.spread(pause) - took
            if rest > .zero { try await Task.sleep(for: rest) }
        }
    }

    func round(wait: Int) async throws -> SyncRound<Subject.Change> {
        let round = try await sync.round(wait: wait)
        for change in round.changes { note(change.description) }
        after(round)
        return round
    }
}

extension ClientError {
    /// A line for people.
    var note: String { "error: \(self)" + (hint.map { "; \($0)" } ?? "") }
}

extension [ClientError] {
    var text: String? { isEmpty ? nil : map { TerminalText.text($0.description) }.joined(separator: "; ") }

    func throwFirst(others note: (String) -> Void) throws(ClientError) {
        for problem in dropFirst() { note("error: \(problem)") }
        if let first { throw first }
    }
}
