// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
import ServiceAPI

/// Keeps the files of a TLS server up to date: its certificate, the revocation lists it checks its clients by, or both; and
/// makes it read them.
package struct ServerSync: Synchronized {
    private let now: @Sendable () -> Date
    private let renewal: CredentialRenewal?
    private let lists: RevocationListFile?
    private let reload: ServerReload?
    private let files: DurableFiles
    private let session: UnattendedSession
    private let machine: EnrolledMachine?

    /// - Parameter machine: what certificates are asked for as, in place of the session.
    package init(
        renewal: CredentialRenewal?, lists: RevocationListFile?, reload: ServerReload?, files: DurableFiles,
        session: UnattendedSession, machine: EnrolledMachine? = nil, now: @escaping @Sendable () -> Date
    ) {
        self.renewal = renewal
        self.lists = lists
        self.reload = reload
        self.files = files
        self.session = session
        self.machine = machine
        self.now = now
    }

    package enum Change: Equatable, Sendable {
        case certificate(until: Date)
        /// Files that an interrupted round had left behind.
        case completed
        case revocationLists(until: Date)
        case reloaded
    }

    package func round(wait: Int) async throws -> SyncRound<Change> {
        var round = SyncRound<Change>()
        try await round.attempt { try await renewIfDue() }
        let wait = patience(atMost: round.changes.isEmpty ? wait : 0)
        if let lists {
            try await round.attempt { try await refresh(lists, wait: wait) }
        } else if wait > 0 {
            try await Task.sleep(for: .seconds(wait))
        }
        try await round.attempt { try await reloadIfDue() }
        return round
    }

    /// What is due, or becomes due, does not wait for a list.
    private func patience(atMost wait: Int) -> Int {
        guard reload?.isDue() != true else { return 0 }
        let due = (try? renewal?.dueTime()) ?? .distantFuture
        return min(wait, Int(min(Double(wait), max(0, due.timeIntervalSince(now())))))
    }

    private func renewIfDue() async throws -> Change? {
        guard let renewal, try renewal.dueTime() <= now() else { return nil }
        try machine?.prepare(files)
        let end = try await renewal.renew(files, at: now()) { request in
            if let machine { return try await machine.issue(request, files) }
            return try await session.connected { try await $0.issueX509(request) }
        }
        return end.map { .certificate(until: $0) } ?? .completed
    }

    private func refresh(_ lists: RevocationListFile, wait: Int) async throws -> Change? {
        let version = lists.version()
        let fetched = try await session.anonymously { client -> (RevocationListsDocument, String)? in
            // Without lists a server lets nobody in, so new ones are not waited for.
            guard let document = try await client.revocationLists(after: version, wait: version == nil ? 0 : wait) else {
                return nil
            }
            return (document, try await client.authorities().issuing)
        }
        guard let (document, issuing) = fetched else { return nil }
        return try await lists.install(document, issuing: issuing, files, at: now()).map { .revocationLists(until: $0) }
    }

    private func reloadIfDue() async throws -> Change? {
        guard let reload, reload.isDue() else { return nil }
        try await reload.run(files)
        return .reloaded
    }
}

extension ServerSync.Change: CustomStringConvertible {
    package var description: String {
        switch self {
        case .certificate(let end): "has a new certificate until \(end.formatted(.iso8601))"
        case .completed: "completed what was interrupted"
        case .revocationLists(let end): "has new revocation lists until \(end.formatted(.iso8601))"
        case .reloaded: "made the server read its files"
        }
    }
}
