// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import Issuance

/// The audit log: its leaves, the hashes of its complete tiles, and one row with the right edge of the tree. Sequence
/// numbers have no gaps because they are assigned in the transaction that holds that row.
struct LogTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    func head() throws -> LogHead {
        let rows = try connection.rows("SELECT frontier, time FROM log_head WHERE id = 1", [])
        guard let row = rows.first else {
            return LogHead(connection, frontier: MerkleFrontier(), time: .distantPast)
        }
        return LogHead(
            connection, frontier: try MerkleFrontier(decoding: try row.blob(0)),
            time: Date(timeIntervalSince1970: Double(try row.integer(1)) / 1000))
    }

    func leaves(from: UInt64, limit: Int) throws -> [[UInt8]] {
        guard let from = Int64(exactly: from) else { return [] }
        return try connection.rows(
            "SELECT leaf FROM log_leaves WHERE number >= ? ORDER BY number LIMIT ?", [.integer(from), .integer(Int64(limit))]
        ).map { try $0.blob(0) }
    }
}

/// The log while a transaction appends to it.
struct LogHead {
    private let connection: any SQLConnection
    private(set) var frontier: MerkleFrontier
    /// Of the last event.
    private(set) var time: Date

    init(_ connection: any SQLConnection, frontier: MerkleFrontier, time: Date) {
        self.connection = connection
        self.frontier = frontier
        self.time = time
    }

    /// The number of the new leaf.
    mutating func append(_ leaf: [UInt8], time: Date) throws -> UInt64 {
        let number = frontier.size
        let hash = MerkleHash.leaf(leaf)
        try connection.execute(
            "INSERT INTO log_leaves (number, leaf, hash) VALUES (?, ?, ?)",
            [.integer(try Self.key(number)), .blob(leaf), .blob(hash.bytes)])
        for node in frontier.append(hash) {
            try connection.execute(
                "INSERT INTO log_tiles (level, number, hash) VALUES (?, ?, ?)",
                [.integer(Int64(node.tileLevel)), .integer(try Self.key(node.index)), .blob(node.hash.bytes)])
        }
        self.time = max(self.time, time)
        return number
    }

    /// The next event may be of any time.
    mutating func forgetTime() {
        time = .distantPast
    }

    func save() throws {
        let time = Int64((time.timeIntervalSince1970 * 1000).rounded(.down))
        try connection.execute(
            """
            INSERT INTO log_head (id, frontier, time) VALUES (1, ?, ?) \
            ON CONFLICT (id) DO UPDATE SET frontier = excluded.frontier, time = excluded.time
            """, [.blob(frontier.encoded), .integer(time)])
    }

    static func key(_ number: UInt64) throws(StorageError) -> Int64 {
        guard let key = Int64(exactly: number) else { throw .damaged("a number of the log is too large") }
        return key
    }
}

extension LogTable: TileReader {
    func hashes(tileLevel: Int, range: Range<UInt64>) throws -> [MerkleHash] {
        let bounds: [SQLValue] = [.integer(try LogHead.key(range.lowerBound)), .integer(try LogHead.key(range.upperBound))]
        let rows =
            tileLevel == 0
            ? try connection.rows("SELECT hash FROM log_leaves WHERE number >= ? AND number < ? ORDER BY number", bounds)
            : try connection.rows(
                "SELECT hash FROM log_tiles WHERE level = ? AND number >= ? AND number < ? ORDER BY number",
                [.integer(Int64(tileLevel))] + bounds)
        return try rows.map { try MerkleHash(bytes: try $0.blob(0)) }
    }
}
