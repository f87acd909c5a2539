// SPDX-License-Identifier: Apache-2.0

package import Issuance
import Synchronization

package import struct FoundationEssentials.Date

/// When each session was last used, and whether that is too long ago.
///
/// Kept in memory and written now and then for all sessions together: a call costs no durable write. What was not
/// written yet when the process dies makes a session end early, never late.
package final class LastUses: Sendable {
    private struct State {
        var uses: [String: LastUse] = [:]
        var unwritten: Set<String> = []

        /// Of two the later one.
        mutating func keep(_ use: LastUse) {
            if let last = uses[use.session], last.time > use.time { return }
            uses[use.session] = use
            unwritten.insert(use.session)
        }
    }

    private let store: any Store
    /// How long a session may go unused.
    private let limit: Double  // seconds
    private let state = Mutex(State())

    package init(store: any Store, limit: Duration) {
        self.store = store
        self.limit = Double(limit.components.seconds)
    }

    /// Notes that `session` is used now.
    /// - Throws: `AuthenticationError.sessionIdle` when it went unused for too long; then nothing is noted, so it stays over.
    package func note(_ session: SessionRecord, from address: String?, at now: Date) async throws {
        let use = LastUse(session: session.serial, time: now, address: address, expires: session.expiresAt)
        if noted(use) { return }
        // The first call since the start of this process, or another process may have seen the session since.
        let last = try await store.lastUse(ofSession: session.serial)?.time ?? session.createdAt
        guard now < last.addingTimeInterval(limit) else { throw AuthenticationError.sessionIdle }
        keep(use)
    }

    /// The last use of each of `sessions` that went unused for less than the limit.
    package func lastUses(of sessions: [SessionRecord], at now: Date) async throws -> [(session: SessionRecord, use: LastUse)] {
        var found: [(SessionRecord, LastUse)] = []
        for session in sessions {
            let opened = LastUse(
                session: session.serial, time: session.createdAt, address: nil, expires: session.expiresAt)
            let known = [state.withLock { $0.uses[session.serial] }, try await store.lastUse(ofSession: session.serial)]
            let last = known.compactMap(\.self).max { $0.time < $1.time } ?? opened
            if now < idleEnd(after: last) { found.append((session, last)) }
        }
        return found
    }

    /// When a session whose last use this is will be over for want of another.
    package func idleEnd(after use: LastUse) -> Date { use.time.addingTimeInterval(limit) }

    /// Writes what was noted since it was written last, and forgets what is over.
    package func write(at now: Date) async throws {
        let uses = state.withLock { state in
            let uses = state.unwritten.compactMap { state.uses[$0] }
            state.unwritten = []
            state.uses = state.uses.filter { now < min($0.value.expires, $0.value.time.addingTimeInterval(limit)) }
            return uses
        }
        do {
            try await store.record(uses)
        } catch {
            state.withLock { state in
                // What is forgotten by now is on its way to be refused, which is the safe side.
                state.unwritten.formUnion(uses.map(\.session).filter { state.uses[$0] != nil })
            }
            throw error
        }
    }

    private func noted(_ use: LastUse) -> Bool {
        state.withLock { state in
            guard let last = state.uses[use.session], use.time < last.time.addingTimeInterval(limit) else { return false }
            state.keep(use)
            return true
        }
    }

    private func keep(_ use: LastUse) {
        state.withLock { $0.keep(use) }
    }
}
