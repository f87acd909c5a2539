// SPDX-License-Identifier: Apache-2.0

/// Group commit: entries that arrive while a transaction is being made durable share the next one, so the cost of a
/// durable write is paid once for many certificates. No task of its own: whoever comes first commits for those who came
/// with it, then hands the lead to the first of those who came since.
///
/// INVARIANT: at most one batch is in flight, and an entry's caller hears of it only after its batch is durable.
package actor Committer {
    private let store: any Store
    private var waiting: [Waiting] = []
    private var isLed = false

    /// Bounds what one transaction holds; more wait for the next.
    private static let largestBatch = 256

    private struct Waiting {
        let entry: CommitEntry
        let turn: CheckedContinuation<Turn, Never>
    }

    private enum Turn {
        case done(Result<CommitOutcome, any Error>)
        case lead
    }

    package init(store: any Store) {
        self.store = store
    }

    /// The outcome of `entry` once it is durable, or refused by its preconditions.
    /// - Throws: the store's error when the entry could not be made durable: then it was not applied.
    package func commit(_ entry: CommitEntry) async throws -> CommitOutcome {
        if isLed {
            let turn = await withCheckedContinuation { waiting.append(Waiting(entry: entry, turn: $0)) }
            if case .done(let result) = turn { return try result.get() }
        }
        isLed = true
        let followers = Array(waiting.prefix(Self.largestBatch - 1))
        waiting.removeFirst(followers.count)
        let results = await results(of: [entry] + followers.map(\.entry))
        for (follower, result) in zip(followers, results.dropFirst()) { follower.turn.resume(returning: .done(result)) }
        if waiting.isEmpty {
            isLed = false
        } else {
            waiting.removeFirst().turn.resume(returning: .lead)
        }
        return try results[0].get()
    }

    /// One entry that the store cannot take must not fail those beside it, so a failed batch is tried entry by entry.
    private func results(of entries: [CommitEntry]) async -> [Result<CommitOutcome, any Error>] {
        do {
            return try await store.commit(entries).map(Result.success)
        } catch  where entries.count > 1 {
            var results: [Result<CommitOutcome, any Error>] = []
            for entry in entries { results += await self.results(of: [entry]) }
            return results
        } catch {
            return [.failure(error)]
        }
    }
}
