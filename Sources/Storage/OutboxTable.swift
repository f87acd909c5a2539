// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance
import Notifications

/// One row for each notice and receiver.
struct OutboxTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    private enum State: Int64 {
        case pending = 0
        case delivered = 1
        case failed = 2
    }

    /// How long one can see that something was given up; the metric counts these. Seconds.
    private static let keepsFailed: Double = 30 * 86_400
    /// As long as anybody may tell of the same again. Seconds.
    private static let keepsDelivered: Double = 3 * 86_400
    private static let longestProblem = 500  // characters

    /// A notice that a receiver was told of already is not told again.
    func insert(_ notice: Notice, at time: Date) throws {
        let content = try notice.stored
        for receiver in notice.recipients {
            try connection.execute(
                """
                INSERT INTO outbox (notice, receiver, content, written_at, state, due_at, attempts) \
                VALUES (?, ?, ?, ?, 0, ?, 0) ON CONFLICT (notice, receiver) DO NOTHING
                """,
                [
                    .text(notice.id.text), .text(receiver.text), .blob(content), .integer(time.seconds),
                    .integer(time.seconds),
                ])
        }
    }

    func hasDue(for receiver: ReceiverName, at now: Date) throws -> Bool {
        try !connection.rows(
            "SELECT 1 FROM outbox WHERE state = 0 AND receiver = ? AND due_at <= ? LIMIT 1",
            [.text(receiver.text), .integer(now.seconds)]
        ).isEmpty
    }

    func claim(for receiver: ReceiverName, limit: Int, at now: Date, leaseEnd: Date) throws -> [Delivery] {
        let rows = try connection.rows(
            """
            SELECT number, content, attempts, written_at FROM outbox WHERE state = 0 AND receiver = ? AND due_at <= ? \
            ORDER BY due_at, number LIMIT ?
            """, [.text(receiver.text), .integer(now.seconds), .integer(Int64(limit))])
        return try rows.map { row in
            let number = try row.integer(0)
            let attempt = try row.integer(2) + 1
            try connection.execute(
                "UPDATE outbox SET attempts = ?, due_at = ? WHERE number = ?",
                [.integer(attempt), .integer(leaseEnd.seconds), .integer(number)])
            return Delivery(
                number: number, receiver: receiver, notice: try? Notice(stored: try row.blob(1)), attempt: Int(attempt),
                writtenAt: Date(seconds: try row.integer(3)))
        }
    }

    func settle(_ delivery: Delivery, as settlement: Settlement) throws {
        switch settlement {
        case .delivered(let time):
            try connection.execute(
                "UPDATE outbox SET state = ?, problem = NULL, expires_at = ? WHERE number = ?",
                [
                    .integer(State.delivered.rawValue), .integer(time.addingTimeInterval(Self.keepsDelivered).seconds),
                    .integer(delivery.number),
                ])
        case .retry(let time, let problem):
            // Rounded up: never before the delay has passed.
            let due = Int64(time.timeIntervalSince1970.rounded(.up))
            try connection.execute(
                "UPDATE outbox SET due_at = ?, problem = ? WHERE number = ? AND attempts = ? AND state = 0",
                [
                    .integer(due), .text(String(problem.prefix(Self.longestProblem))), .integer(delivery.number),
                    .integer(Int64(delivery.attempt)),
                ])
        case .failed(let time, let problem):
            try connection.execute(
                """
                UPDATE outbox SET state = ?, problem = ?, expires_at = ? WHERE number = ? AND attempts = ? AND state = 0
                """,
                [
                    .integer(State.failed.rawValue), .text(String(problem.prefix(Self.longestProblem))),
                    .integer(time.addingTimeInterval(Self.keepsFailed).seconds), .integer(delivery.number),
                    .integer(Int64(delivery.attempt)),
                ])
        }
    }

    func giveUp(onWhatIsOlderThan oldest: Date, at now: Date) throws -> Int {
        try connection.execute(
            """
            UPDATE outbox SET state = ?, problem = COALESCE(problem, 'nobody took it in time'), expires_at = ? \
            WHERE state = 0 AND written_at < ? AND due_at <= ?
            """,
            [
                .integer(State.failed.rawValue), .integer(now.addingTimeInterval(Self.keepsFailed).seconds),
                .integer(oldest.seconds), .integer(now.seconds),
            ])
    }

    func counts() throws -> OutboxCounts {
        func count(_ state: State) throws -> Int {
            let rows = try connection.rows("SELECT COUNT(*) FROM outbox WHERE state = ?", [.integer(state.rawValue)])
            return Int(try rows.first?.integer(0) ?? 0)
        }
        return OutboxCounts(pending: try count(.pending), failed: try count(.failed))
    }
}
