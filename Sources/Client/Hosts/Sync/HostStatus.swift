// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import ServiceAPI
import Synchronization

/// How an enrolled host stands, between those who keep it up to date and the one who reports.
final class HostStatus: Sendable {
    struct Contents: Equatable {
        /// Of the last round.
        var roundProblem: String?
        var sessionProblem: String?
        /// Version of the list by which the sessions were looked at.
        var sessionsList: UInt64?
        var open: [ReportedSession] = []
        /// How often something changed that does not stand here.
        var changes = 0

        var problem: String? {
            let notEnded = open.count { $0.outcome == .notEnded }
            let stuck = notEnded == 0 ? nil : "sessions that should have ended and are still open: \(notEnded)"
            let problems = [roundProblem, sessionProblem, stuck].compactMap(\.self)
            return problems.isEmpty ? nil : problems.joined(separator: "; ")
        }
    }

    private let state = Mutex(Contents())
    /// That there is something to report.
    let changed = Signal()

    var contents: Contents { state.withLock { $0 } }

    func update(_ body: (inout Contents) -> Void) {
        let isChanged = state.withLock { contents in
            let before = contents
            body(&contents)
            return contents != before
        }
        if isChanged { changed.send() }
    }
}
