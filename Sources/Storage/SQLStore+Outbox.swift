// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Notifications

extension SQLStore: Outbox {
    package func add(_ notices: [Notice], at time: Date) async throws {
        guard !notices.isEmpty else { return }
        try await database.write { connection in
            for notice in notices { try OutboxTable(connection).insert(notice, at: time) }
        }
    }

    package func claim(for receiver: ReceiverName, limit: Int, at now: Date, leaseEnd: Date) async throws -> [Delivery] {
        // Asked every second and nearly always for nothing: the writer is not troubled with that.
        guard try await database.lookUp({ try OutboxTable($0).hasDue(for: receiver, at: now) }) else { return [] }
        return try await database.write {
            try OutboxTable($0).claim(for: receiver, limit: limit, at: now, leaseEnd: leaseEnd)
        }
    }

    package func settle(_ delivery: Delivery, as settlement: Settlement) async throws {
        try await database.write { try OutboxTable($0).settle(delivery, as: settlement) }
    }

    package func giveUp(onWhatIsOlderThan oldest: Date, at now: Date) async throws -> Int {
        try await database.write { try OutboxTable($0).giveUp(onWhatIsOlderThan: oldest, at: now) }
    }

    package func outboxCounts() async throws -> OutboxCounts {
        try await database.read { try OutboxTable($0).counts() }
    }
}
