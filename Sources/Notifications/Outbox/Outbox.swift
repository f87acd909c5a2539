// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What is still to be told to whom. A row is written in the transaction of the event it tells of, so nothing is told that
/// did not happen and nothing that happened is forgotten.
package protocol Outbox: Sendable {
    /// For what has no event, because time alone brought it about. A notice that a receiver was told of within the last three
    /// days is not told again.
    func add(_ notices: [Notice], at time: Date) async throws

    /// Up to `limit` deliveries to `receiver` that are due, the longest due first, leased until `leaseEnd`: no other server
    /// gets them before, and whoever asks then gets them again, because the one that had them has died.
    func claim(for receiver: ReceiverName, limit: Int, at now: Date, leaseEnd: Date) async throws -> [Delivery]

    /// What became of a claimed delivery. What was delivered stays delivered; a failure of a lease that another server has
    /// taken over since changes nothing.
    func settle(_ delivery: Delivery, as settlement: Settlement) async throws

    /// Gives up on all that was written before `oldest`, also for receivers that are no longer configured.
    func giveUp(onWhatIsOlderThan oldest: Date, at now: Date) async throws -> Int

    func outboxCounts() async throws -> OutboxCounts
}

/// One notice on its way to one receiver.
package struct Delivery: Sendable, Equatable {
    /// The row, for the store.
    package let number: Int64
    package let receiver: ReceiverName
    /// nil: the row cannot be read.
    package let notice: Notice?
    /// From 1; this one counted.
    package let attempt: Int
    package let writtenAt: Date

    package init(number: Int64, receiver: ReceiverName, notice: Notice?, attempt: Int, writtenAt: Date) {
        self.number = number
        self.receiver = receiver
        self.notice = notice
        self.attempt = attempt
        self.writtenAt = writtenAt
    }
}

package enum Settlement: Sendable, Equatable {
    case delivered(at: Date)
    case retry(at: Date, problem: String)
    case failed(at: Date, problem: String)
}

/// Deliveries, not notices: one notice for three receivers counts three times.
package struct OutboxCounts: Sendable, Equatable {
    package var pending: Int
    /// Given up and not deleted yet.
    package var failed: Int

    package init(pending: Int, failed: Int) {
        self.pending = pending
        self.failed = failed
    }
}
