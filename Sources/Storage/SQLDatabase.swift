// SPDX-License-Identifier: Apache-2.0

/// What a database engine must offer. Repositories are written once against this; a driver supplies it.
protocol SQLDatabase: Sendable {
    /// Runs `body` alone in a transaction that is durable when this returns, and rolled back when `body` throws. Cancelling
    /// the task changes nothing.
    func write<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result
    /// Runs `body` on a snapshot that sees every write reported before.
    func read<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result
    /// As `read`, for one statement that finds its row by a key: so short that an engine in this process runs it on the
    /// calling thread.
    func lookUp<Result: Sendable>(_ body: @escaping @Sendable (any SQLConnection) throws -> Result) async throws -> Result
}

protocol SQLConnection {
    /// The number of rows that changed.
    @discardableResult
    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int
    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow]
}

enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    static func text(orNull text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }
    static func integer(orNull integer: Int64?) -> SQLValue { integer.map(SQLValue.integer) ?? .null }
}

/// The columns of a row, read by position in the order of the SELECT.
struct SQLRow: Sendable {
    let values: [SQLValue]

    func integer(_ column: Int) throws(StorageError) -> Int64 {
        guard case .integer(let value) = values[column] else { throw .unexpectedValue(column: column) }
        return value
    }

    func text(_ column: Int) throws(StorageError) -> String {
        guard case .text(let value) = values[column] else { throw .unexpectedValue(column: column) }
        return value
    }

    func blob(_ column: Int) throws(StorageError) -> [UInt8] {
        guard case .blob(let value) = values[column] else { throw .unexpectedValue(column: column) }
        return value
    }

    func integerOrNull(_ column: Int) throws(StorageError) -> Int64? {
        values[column] == .null ? nil : try integer(column)
    }

    func blobOrNull(_ column: Int) throws(StorageError) -> [UInt8]? {
        values[column] == .null ? nil : try blob(column)
    }

    func textOrNull(_ column: Int) throws(StorageError) -> String? {
        values[column] == .null ? nil : try text(column)
    }
}

package enum StorageError: Error, Equatable, CustomStringConvertible {
    /// A stored value is not of the type this version writes: the file is damaged or from another program.
    case unexpectedValue(column: Int)
    case damaged(String)
    /// The database was written by a newer mayfly.
    case unknownMigration(String)

    package var description: String {
        switch self {
        case .unexpectedValue(let column): "the database holds an unexpected value in column \(column)"
        case .damaged(let what): "the database is damaged: \(what)"
        case .unknownMigration(let name): "the database was written by a newer mayfly (migration `\(name)`)"
        }
    }
}
