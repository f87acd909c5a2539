// SPDX-License-Identifier: Apache-2.0

package import AuditLog
package import Issuance

package import struct FoundationEssentials.Date

/// The store on SQL, the same statements for every engine.
package struct SQLStore: Store {
    let database: any SQLDatabase

    /// Opens the embedded database, and creates or upgrades it.
    /// - Parameter maximumPages: a limit on the file's size, for tests of a full disk.
    package static func sqlite(path: String, maximumPages: Int? = nil) async throws -> SQLStore {
        let store = SQLStore(database: try SQLiteDatabase(path: path, maximumPages: maximumPages))
        try await store.database.write { try Migrations.run(on: $0) }
        return store
    }

    package func commit(_ entries: [CommitEntry]) async throws -> [CommitOutcome] {
        try await database.write { connection in
            var log = try LogTable(connection).head()
            let outcomes = try entries.map { entry in
                if let refusal = try refusal(of: entry, after: log, on: connection) { return CommitOutcome.refused(refusal) }
                try apply(entry, on: connection)
                return .committed(index: try log.append(entry.leaf, time: entry.time))
            }
            if outcomes.contains(where: \.isCommitted) { try log.save() }
            return outcomes
        }
    }

    package func allotSerials(_ count: UInt64, issuer: String) async throws -> Range<UInt64> {
        try await database.write { connection in
            try connection.execute(
                "INSERT INTO serials (issuer, next) VALUES (?, 1) ON CONFLICT (issuer) DO NOTHING", [.text(issuer)])
            let rows = try connection.rows(
                "UPDATE serials SET next = next + ? WHERE issuer = ? RETURNING next",
                [.integer(Int64(count)), .text(issuer)])
            guard let end = try rows.first?.integer(0), let end = UInt64(exactly: end), end > count else {
                throw StorageError.damaged("serials of \(issuer)")
            }
            return (end - count)..<end
        }
    }

    package func session(serial: String) async throws -> SessionRecord? {
        try await database.lookUp { try SessionTable($0).session(serial: serial) }
    }

    package func certificate(issuer: String, serial: String) async throws -> CertificateRecord? {
        try await database.read { try CertificateTable($0).certificate(issuer: issuer, serial: serial) }
    }

    package func certificates(matching filter: CertificateFilter) async throws -> [CertificateRecord] {
        try await database.read { try CertificateTable($0).certificates(matching: filter) }
    }

    package func countActiveCertificates(at time: Date) async throws -> Int {
        try await database.read { try CertificateTable($0).countActive(at: time) }
    }

    package func reply(to key: IdempotencyKey, of identity: String) async throws -> RecordedReply? {
        try await database.read { try ReplyTable($0).reply(to: key.key, of: identity) }
    }

    package func livePolicy() async throws -> PolicyRecord? {
        try await database.read { try LivePolicyTable($0).record() }
    }

    package func logFrontier() async throws -> MerkleFrontier {
        try await database.read { try LogTable($0).head().frontier }
    }

    package func logLeaves(from: UInt64, limit: Int) async throws -> [[UInt8]] {
        try await database.read { try LogTable($0).leaves(from: from, limit: limit) }
    }

    package func consistencyProof(from: UInt64, to: UInt64) async throws -> [MerkleHash] {
        try await database.read { try LogTable($0).consistencyProof(from: from, to: to) }
    }

    package func prune(before time: Date, limit: Int) async throws -> Int {
        try await database.write { connection in
            var deleted = 0
            for (table, key) in [
                ("replies", "rowid"), ("used_challenges", "rowid"), ("sessions", "rowid"), ("outbox", "number"),
            ] {
                deleted += try connection.execute(
                    """
                    DELETE FROM \(table) WHERE \(key) IN (SELECT \(key) FROM \(table) WHERE expires_at < ? LIMIT ?)
                    """, [.integer(time.seconds), .integer(Int64(limit))])
            }
            return deleted
        }
    }

    /// What changed since the decision wins.
    private func refusal(
        of entry: CommitEntry, after log: LogHead, on connection: any SQLConnection
    ) throws -> CommitRefusal? {
        if entry.time.timeIntervalSince1970 < log.time.timeIntervalSince1970 - clockTolerance {
            return .clockWentBack(lastEvent: log.time)
        }
        for precondition in entry.preconditions {
            switch precondition {
            case .sessionIsActive(let serial):
                guard let session = try SessionTable(connection).session(serial: serial), session.isActive(at: entry.time)
                else { return .sessionEnded }
            case .personIsStillKnown(let isKnown):
                guard isKnown() else { return .personNoLongerKnown }
            case .idempotencyKeyIsFree(let key, let identity):
                guard try ReplyTable(connection).reply(to: key.key, of: identity) == nil else { return .idempotencyKeyTaken }
            case .challengeIsUnused(let nonce):
                let used = try connection.rows("SELECT 1 FROM used_challenges WHERE nonce = ?", [.text(nonce)])
                guard used.isEmpty else { return .challengeAlreadyUsed }
            case .certificateIsNotRevoked(let issuer, let serial):
                let record = try CertificateTable(connection).certificate(issuer: issuer, serial: serial)
                guard record?.revokedAt == nil else { return .alreadyRevoked }
            }
        }
        return nil
    }

    private func apply(_ entry: CommitEntry, on connection: any SQLConnection) throws {
        if let certificate = entry.certificate { try CertificateTable(connection).insert(certificate) }
        if let session = entry.session { try SessionTable(connection).insert(session) }
        if let reply = entry.reply, let certificate = entry.certificate {
            try ReplyTable(connection).insert(reply, for: certificate)
        }
        if let used = entry.usedChallenge {
            try connection.execute(
                "INSERT INTO used_challenges (nonce, expires_at) VALUES (?, ?)",
                [.text(used.nonce), .integer(used.expires.seconds)])
        }
        if let revocation = entry.revocation { try CertificateTable(connection).revoke(revocation) }
        if let policy = entry.policy { try LivePolicyTable(connection).replace(with: policy) }
        for notice in entry.notifications { try OutboxTable(connection).insert(notice, at: entry.time) }
        if let serial = entry.endedSession { try SessionTable(connection).end(serial: serial, at: entry.time) }
    }
}

extension Date {
    var seconds: Int64 { Int64(timeIntervalSince1970.rounded(.down)) }

    init(seconds: Int64) { self.init(timeIntervalSince1970: Double(seconds)) }
}
