// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance

/// Access requests: a row each to find them by, and where their events stand in the log. The log alone says what happened.
struct AccessTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    /// - Parameter firstLeaf: the number in the log of the first leaf of the entry.
    func apply(_ change: AccessChange, firstLeaf: UInt64) throws {
        let summary = change.summary
        let rows = try connection.rows(
            """
            INSERT INTO access_requests (id, provider, user_name, role, rule, requested_at, extends, closes_at, review_due, \
            rechecked, version, issued) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET \
            closes_at = excluded.closes_at, review_due = excluded.review_due, version = version + excluded.version, \
            issued = issued + excluded.issued RETURNING version
            """,
            [
                .text(summary.id), .text(summary.provider), .text(summary.user), .text(summary.role), .text(summary.rule),
                .integer(summary.requestedAt.seconds), .text(orNull: summary.extends), .integer(summary.closesAt.seconds),
                .integer(orNull: summary.reviewDue?.seconds), .integer(summary.isRechecked ? 1 : 0),
                .integer(Int64(change.events.count)), .integer(Int64(change.issued)),
            ])
        guard let version = try rows.first?.integer(0) else { throw StorageError.damaged("access request \(summary.id)") }
        for (place, event) in change.events.enumerated() {
            try connection.execute(
                "INSERT INTO access_events (request, version, leaf) VALUES (?, ?, ?)",
                [
                    .text(summary.id), .integer(version - Int64(change.events.count) + Int64(place) + 1),
                    .integer(try LogHead.key(firstLeaf + UInt64(event))),
                ])
        }
    }

    func isAt(id: String, version: Int, issued: Int?) throws -> Bool {
        let row = try connection.rows("SELECT version, issued FROM access_requests WHERE id = ?", [.text(id)]).first
        guard let row else { return version == 0 }
        guard try row.integer(0) == Int64(version) else { return false }
        guard let issued else { return true }
        return try row.integer(1) == Int64(issued)
    }

    func record(id: String) throws -> AccessRecord? {
        try connection.rows("SELECT \(Self.columns) FROM access_requests WHERE id = ?", [.text(id)]).first.map(record)
    }

    /// Newest first.
    func records(matching filter: AccessFilter) throws -> [AccessRecord] {
        var conditions = ["1 = 1"]
        var arguments: [SQLValue] = []
        func require(_ condition: String, _ value: SQLValue?) {
            guard let value else { return }
            conditions.append(condition)
            arguments.append(value)
        }
        require("user_name = ?", filter.user.map(SQLValue.text))
        require("rule = ?", filter.rule.map(SQLValue.text))
        require("extends = ?", filter.extends.map(SQLValue.text))
        if filter.isRechecked { conditions.append("rechecked = 1") }
        require("(closes_at > ? OR review_due IS NOT NULL)", filter.openAt.map { .integer($0.seconds) })
        require("closes_at > ?", filter.closesAfter.map { .integer($0.seconds) })
        require("closes_at <= ?", filter.closesBefore.map { .integer($0.seconds) })
        require("review_due <= ?", filter.reviewDueBefore.map { .integer($0.seconds) })
        require("number < ?", filter.before.map { .integer(Int64($0)) })
        arguments.append(.integer(Int64(filter.limit)))
        return try connection.rows(
            """
            SELECT \(Self.columns) FROM access_requests WHERE \(conditions.joined(separator: " AND ")) \
            ORDER BY number DESC LIMIT ?
            """, arguments
        ).map(record)
    }

    private static let columns = """
        id, provider, user_name, role, rule, requested_at, extends, closes_at, review_due, version, issued, number, rechecked
        """

    private func record(_ row: SQLRow) throws -> AccessRecord {
        let id = try row.text(0)
        let leaves = try connection.rows(
            """
            SELECT leaf FROM log_leaves JOIN (SELECT version, leaf AS place FROM access_events WHERE request = ?) \
            ON number = place ORDER BY version
            """, [.text(id)]
        ).map { try $0.blob(0) }
        return AccessRecord(
            summary: AccessSummary(
                id: id, provider: try row.text(1), user: try row.text(2), role: try row.text(3), rule: try row.text(4),
                requestedAt: Date(seconds: try row.integer(5)), extends: try row.textOrNull(6),
                isRechecked: try row.integer(12) == 1,
                closesAt: Date(seconds: try row.integer(7)), reviewDue: try row.integerOrNull(8).map(Date.init(seconds:))),
            version: Int(try row.integer(9)), issued: Int(try row.integer(10)), leaves: leaves,
            number: Int(try row.integer(11)))
    }
}
