// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Issuance
import Testing

@testable import Storage

/// What is particular to the embedded engine.
@Suite struct SQLiteTests {
    private let directory: ScratchDirectory

    init() throws {
        directory = try ScratchDirectory()
    }

    private var path: String { directory.path + "/test.sqlite" }

    @Test func `every commit reaches the disk before it is reported`() async throws {
        let database = try SQLiteDatabase(path: path)
        let settings = try await database.write { connection in
            (
                try connection.rows("PRAGMA journal_mode", []).first?.text(0),
                try connection.rows("PRAGMA synchronous", []).first?.integer(0)
            )
        }
        #expect(settings.0 == "wal")
        #expect(settings.1 == 2)  // FULL
    }

    @Test(.timeLimit(.minutes(5)))
    func `look-ups and reads wait for each other's connections, and all of them end`() async throws {
        let database = try SQLiteDatabase(path: path)
        let ended = try await withThrowingTaskGroup { group in
            for number in 0..<400 {
                group.addTask {
                    for _ in 0..<20 {
                        let rows =
                            number.isMultiple(of: 2)
                            ? try await database.read { try $0.rows("SELECT 1", []).count }
                            : try await database.lookUp { try $0.rows("SELECT 1", []).count }
                        #expect(rows == 1)
                    }
                }
            }
            return try await group.reduce(0) { count, _ in count + 1 }
        }
        #expect(ended == 400)
    }

    @Test func `a full disk refuses the whole batch and releases nothing`() async throws {
        let store = try await SQLStore.sqlite(path: path, maximumPages: 80)
        var committed: [String] = []
        var failure: (any Error)?
        for number in 0..<2000 where failure == nil {
            var entry = try Sample.entry(at: Sample.now)
            entry.certificate = Sample.certificate(serial: "\(number)")
            do {
                _ = try await store.commit([entry])
                committed.append("\(number)")
            } catch {
                failure = error
            }
        }
        #expect(failure != nil)
        #expect(!committed.isEmpty)
        var filter = CertificateFilter(limit: 5000)
        filter.user = "ana"
        #expect(try await store.certificates(matching: filter).map(\.serial).reversed() == committed)
        #expect(try await store.logFrontier().size == UInt64(committed.count))
        #expect(try await store.logLeaves(from: 0, limit: 5000).count == committed.count)
    }

    @Test func `records outlive the process`() async throws {
        do {
            let store = try await SQLStore.sqlite(path: path)
            var entry = try Sample.entry(at: Sample.now)
            entry.certificate = Sample.certificate(serial: "1")
            _ = try await store.commit([entry])
        }
        let reopened = try await SQLStore.sqlite(path: path)
        #expect(try await reopened.certificate(issuer: "SHA256:ca", serial: "1") != nil)
        #expect(try await reopened.logFrontier().size == 1)
    }

    @Test func `a database of a newer mayfly is refused`() async throws {
        _ = try await SQLStore.sqlite(path: path)
        let database = try SQLiteDatabase(path: path)
        _ = try await database.write { connection in
            try connection.execute("INSERT INTO migrations (name) VALUES ('99-future')", [])
        }
        await #expect(throws: StorageError.unknownMigration("99-future")) { try await SQLStore.sqlite(path: path) }
    }
}
