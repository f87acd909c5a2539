// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// The embedded engine: one file, write-ahead log, a commit is on disk when it returns (`synchronous=FULL`).
struct SQLiteDatabase: SQLDatabase {
    private let pool: DatabasePool

    /// - Parameter maximumPages: stops the file from growing beyond; for tests of a full disk.
    init(path: String, maximumPages: Int? = nil) throws {
        var configuration = Configuration()
        configuration.label = "mayfly"
        configuration.busyMode = .timeout(5)
        pool = try DatabasePool(path: path, configuration: configuration)
        try pool.writeWithoutTransaction { database in
            // The pool opens its write-ahead log with NORMAL, which may lose the last commits when the power fails.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            if let maximumPages { try database.execute(sql: "PRAGMA max_page_count = \(maximumPages)") }
        }
    }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        // Not `pool.write`, which fails when the calling task is cancelled: one transaction holds the entries of many callers.
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWrite({ try body(SQLiteConnection(database: $0)) }) { _, result in continuation.resume(with: result) }
        }
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        // Not `pool.read`, which keeps its connection until a thread of the caller's is free to give it back: `lookUp` waits for
        // connections on those threads, and with all of them waiting none would ever be given back.
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { database in
                continuation.resume(with: Swift.Result { try body(SQLiteConnection(database: try database.get())) })
            }
        }
    }

    func lookUp<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Result
    ) async throws -> Result {
        // Handing it to a queue and back wakes two threads, which costs more than the few microseconds of the statement. One
        // statement is a snapshot of its own, so that no transaction is needed around it.
        func onThisThread() throws -> Result {
            try pool.unsafeRead { try body(SQLiteConnection(database: $0)) }
        }
        return try onThisThread()
    }
}

private struct SQLiteConnection: SQLConnection {
    let database: Database

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        let statement = try database.cachedStatement(sql: sql)
        try statement.execute(arguments: StatementArguments(arguments.map(\.databaseValue)))
        return database.changesCount
    }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        let statement = try database.cachedStatement(sql: sql)
        let cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.map(\.databaseValue)))
        var rows: [SQLRow] = []
        while let row = try cursor.next() {
            rows.append(SQLRow(values: row.databaseValues.map(SQLValue.init)))
        }
        return rows
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let value): Data(value).databaseValue
        }
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .double(let value): self = .text(String(value))
        case .string(let value): self = .text(value)
        case .blob(let value): self = .blob(Array(value))
        }
    }
}
