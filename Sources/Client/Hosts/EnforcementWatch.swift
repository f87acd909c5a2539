// SPDX-License-Identifier: Apache-2.0

package import ServiceAPI

/// Follows a revocation until every host enforces it.
package struct EnforcementWatch: Sendable {
    /// How far it has come.
    package struct Progress: Sendable, Equatable {
        package let list: ListEnforcementSummary
        package let sessions: [HostSessionSummary]

        /// Every host enforces the list, and those that look at open sessions have.
        package var isComplete: Bool { list.staleCount == 0 && list.checked == list.watching }
        package var ended: [HostSessionSummary] { sessions.filter { [.ended, .killed].contains($0.session.outcome) } }
        /// Also those of which nothing proves by which certificate they were opened.
        package var open: [HostSessionSummary] { sessions.filter(\.session.outcome.isOpen) }
    }

    private let client: APIClient
    private let version: UInt64
    private let previous: UInt64?

    /// Hosts wait for lists, so that there is news soon; a large fleet takes the server longer to look through.
    private static let interval = Duration.milliseconds(250)
    private static let longestInterval = Duration.seconds(2)

    /// - Parameters:
    ///   - version: of the list that names what was revoked.
    ///   - previous: of the list before it was revoked.
    package init(client: APIClient, version: UInt64, previous: UInt64?) {
        self.client = client
        self.version = version
        self.previous = previous
    }

    /// - Parameter report: told whenever something changed.
    /// - Returns: the state when it was complete, or when `limit` was over.
    package func follow(for limit: Duration, report: (Progress) -> Void) async throws -> Progress {
        let deadline = ContinuousClock.now + limit
        var told: Progress?
        while true {
            let began = ContinuousClock.now
            let reply = try await client.enforcement(of: version, after: previous)
            guard let list = reply.lists.first, list.version == version else {
                throw ClientError.unexpectedReply("it says nothing of list \(version)")
            }
            let progress = Progress(list: list, sessions: reply.sessions ?? [])
            if progress != told { report(progress) }
            told = progress
            let now = ContinuousClock.now
            guard !progress.isComplete, now < deadline else { return progress }
            let pause = min(Self.longestInterval, max(Self.interval, (now - began) * 4))
            try await Task.sleep(for: min(pause, deadline - now))
        }
    }
}
