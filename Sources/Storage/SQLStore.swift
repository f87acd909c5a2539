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
                if entry.acceptedClock != nil { log.forgetTime() }
                let index = try log.append(entry.leaf, time: entry.time)
                for leaf in entry.moreLeaves { _ = try log.append(leaf, time: entry.time) }
                try apply(entry, firstLeaf: index, on: connection)
                return .committed(index: index)
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

    package func nextNumber(
        ofList list: String, atLeast floor: UInt64, covering event: Int64, at time: Date
    ) async throws -> UInt64 {
        guard let floor = Int64(exactly: floor) else { throw StorageError.damaged("the number of list \(list)") }
        return try await database.write { connection in
            try connection.execute(
                "INSERT INTO serials (issuer, next) VALUES (?, 1) ON CONFLICT (issuer) DO NOTHING", [.text(list)])
            let rows = try connection.rows(
                "UPDATE serials SET next = CASE WHEN next > ? THEN next ELSE ? END + 1 WHERE issuer = ? RETURNING next",
                [.integer(floor), .integer(floor), .text(list)])
            guard let next = try rows.first?.integer(0), let number = UInt64(exactly: next - 1) else {
                throw StorageError.damaged("the number of list \(list)")
            }
            try connection.execute(
                "INSERT INTO list_versions (list, number, event, made_at, expires_at) VALUES (?, ?, ?, ?, ?)",
                [
                    .text(list), .integer(next - 1), .integer(event), .integer(time.seconds),
                    .integer(time.addingTimeInterval(ListVersion.retention).seconds),
                ])
            return number
        }
    }

    package func listVersions(of list: String, upTo number: UInt64?, limit: Int) async throws -> [ListVersion] {
        let number = Int64(exactly: number ?? UInt64(Int64.max)) ?? .max
        return try await database.read { connection in
            try connection.rows(
                """
                SELECT number, event, made_at FROM list_versions WHERE list = ? AND number <= ? \
                ORDER BY number DESC LIMIT ?
                """, [.text(list), .integer(number), .integer(Int64(limit))]
            ).map { row in
                ListVersion(
                    number: UInt64(try row.integer(0)), event: try row.integer(1), madeAt: Date(seconds: try row.integer(2)))
            }
        }
    }

    package func revokedSSHCertificates(
        by events: ClosedRange<Int64>
    ) async throws -> (count: Int, lastExpiry: Date?) {
        try await database.read { try CertificateTable($0).revokedSSH(by: events) }
    }

    package func revocationChanges(
        after event: Int64, endingAfter time: Date
    ) async throws -> [RevocationChange] {
        try await database.read { try CertificateTable($0).revocationChanges(after: event, endingAfter: time) }
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

    package func isUsed(challenge nonce: String) async throws -> Bool {
        try await database.lookUp { try Self.isUsed(challenge: nonce, on: $0) }
    }

    static func isUsed(challenge nonce: String, on connection: any SQLConnection) throws -> Bool {
        try !connection.rows("SELECT 1 FROM used_challenges WHERE nonce = ?", [.text(nonce)]).isEmpty
    }

    static func use(_ challenge: UsedChallenge, on connection: any SQLConnection) throws {
        try connection.execute(
            "INSERT INTO used_challenges (nonce, expires_at) VALUES (?, ?)",
            [.text(challenge.nonce), .integer(challenge.expires.seconds)])
    }

    package func reply(to key: IdempotencyKey, of identity: String) async throws -> RecordedReply? {
        try await database.read { try ReplyTable($0).reply(to: key.key, of: identity) }
    }

    package func accessRecord(id: String) async throws -> AccessRecord? {
        try await database.read { try AccessTable($0).record(id: id) }
    }

    package func accessRecords(matching filter: AccessFilter) async throws -> [AccessRecord] {
        try await database.read { try AccessTable($0).records(matching: filter) }
    }

    package func livePolicy() async throws -> PolicyRecord? {
        try await database.read { try LivePolicyTable($0).record() }
    }

    package func enrolmentToken(digest: [UInt8]) async throws -> EnrolmentToken? {
        try await database.read { try EnrolmentTokenTable($0).token(digest: digest) }
    }

    package func enrolmentToken(id: String) async throws -> EnrolmentToken? {
        try await database.read { try EnrolmentTokenTable($0).token(id: id) }
    }

    package func openEnrolmentTokens(at time: Date, after id: String?, limit: Int) async throws -> [EnrolmentToken] {
        try await database.read { try EnrolmentTokenTable($0).openTokens(at: time, after: id, limit: limit) }
    }

    package func machines(after enrolment: String?, endingAfter time: Date, limit: Int) async throws -> [MachineRecord] {
        try await database.read { try CertificateTable($0).machines(after: enrolment, endingAfter: time, limit: limit) }
    }

    package func host(named name: String) async throws -> HostRecord? {
        try await database.read { try HostTable($0).host(named: name) }
    }

    package func hosts(after name: String?, limit: Int) async throws -> [HostRecord] {
        try await database.read { try HostTable($0).hosts(after: name, limit: limit) }
    }

    package func record(
        _ report: HostReport, _ sessions: [HostSession], ofHost name: String, publicKey: String
    ) async throws -> Bool {
        try await database.write { try HostTable($0).record(report, sessions, ofHost: name, publicKey: publicKey) }
    }

    package func hostSessions(matching filter: HostSessionFilter) async throws -> [HostSession] {
        try await database.read { try HostSessionTable($0).sessions(matching: filter) }
    }

    package func lastEventTime() async throws -> Date? {
        try await database.read { connection in
            let head = try LogTable(connection).head()
            return head.frontier.size == 0 ? nil : head.time
        }
    }

    package func caKeys() async throws -> [CAKeyRecord] {
        try await database.read { try CAKeyTable($0).records() }
    }

    package func lastEnd(ofCertificatesBy issuer: String, after time: Date) async throws -> Date? {
        try await database.read { try CertificateTable($0).lastEnd(ofCertificatesBy: issuer, after: time) }
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
                ("replies", "rowid"), ("used_challenges", "rowid"), ("ended_logins", "rowid"), ("sessions", "rowid"),
                ("session_uses", "rowid"),
                ("people", "rowid"),
                ("enrolment_tokens", "rowid"), ("host_sessions", "rowid"), ("list_versions", "rowid"), ("outbox", "number"),
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
        if let accepted = entry.acceptedClock {
            // What was looked at, and nothing else.
            guard accepted == log.time else { return .clockWentBack(lastEvent: log.time) }
        } else if entry.time.timeIntervalSince1970 < log.time.timeIntervalSince1970 - clockTolerance {
            return .clockWentBack(lastEvent: log.time)
        }
        for precondition in entry.preconditions {
            switch precondition {
            case .sessionIsActive(let serial):
                guard let session = try SessionTable(connection).session(serial: serial), session.isActive(at: entry.time)
                else { return .sessionEnded }
            case .sessionIsNotEnded(let serial):
                guard try SessionTable(connection).session(serial: serial)?.endedAt == nil else { return .sessionEnded }
            case .personIsStillKnown(let isKnown):
                guard isKnown() else { return .personNoLongerKnown }
            case .idempotencyKeyIsFree(let key, let identity):
                guard try ReplyTable(connection).reply(to: key.key, of: identity) == nil else { return .idempotencyKeyTaken }
            case .challengeIsUnused(let nonce):
                guard try !Self.isUsed(challenge: nonce, on: connection) else { return .challengeAlreadyUsed }
            case .loginIsNotEnded(let login, let provider):
                guard try !EndedLoginTable(connection).names(login, of: provider) else { return .loginEnded }
            case .certificateIsNotRevoked(let issuer, let serial, let orOnlyHeld):
                let record = try CertificateTable(connection).certificate(issuer: issuer, serial: serial)
                guard record?.revokedAt == nil || orOnlyHeld && record?.revocationCause == .certificateHold else {
                    return .alreadyRevoked
                }
            case .certificateIsHeld(let issuer, let serial):
                let record = try CertificateTable(connection).certificate(issuer: issuer, serial: serial)
                guard record?.revocationCause == .certificateHold else { return .notHeld }
            case .accessIsAt(let id, let version, let issued):
                guard try AccessTable(connection).isAt(id: id, version: version, issued: issued) else { return .accessChanged }
            case .tokenIsUsable(let digest):
                guard let token = try EnrolmentTokenTable(connection).token(digest: digest), token.use == nil,
                    entry.time < token.expiresAt
                else { return .tokenNotUsable }
            case .hostNameIsFree(let name, let publicKey, let orAny):
                let host = try HostTable(connection).host(named: name)
                guard orAny || host == nil || host?.removedAt != nil || host?.publicKey == publicKey else {
                    return .hostNameTaken
                }
            case .hostIsEnrolled(let name, let publicKey):
                let host = try HostTable(connection).host(named: name)
                guard let host, host.removedAt == nil, host.publicKey == publicKey else { return .hostNotEnrolled }
            case .enrolmentIsOpen(let enrolment):
                guard try !CertificateTable(connection).hasRevoked(ofEnrolment: enrolment) else { return .enrolmentEnded }
            case .enrolmentKeyIsAmong(let enrolment, let keys):
                guard let key = try CertificateTable(connection).newestKey(ofEnrolment: enrolment), keys.contains(key) else {
                    return .enrolmentKeyReplaced
                }
            case .hostSessionsAreNews(let sessions):
                for session in sessions {
                    let known = try HostSessionTable(connection).outcome(of: session.id, on: session.host)
                    guard known != session.outcome else { return .hostReportOutdated }
                }
            case .hostSaidNothingNewer(let name, let time):
                let report = try HostTable(connection).host(named: name)?.report
                guard report.map({ $0.time <= time }) ?? true else { return .hostReportOutdated }
            case .caKeyIsActive(let fingerprint):
                guard try CAKeyTable(connection).isActive(fingerprint) else { return .caKeyNotActive }
            case .caKeysAre(let purpose, let records):
                guard try CAKeyTable(connection).are(purpose, records) else { return .caKeysChanged }
            }
        }
        return nil
    }

    private func apply(_ entry: CommitEntry, firstLeaf: UInt64, on connection: any SQLConnection) throws {
        if let certificate = entry.certificate { try CertificateTable(connection).insert(certificate) }
        if let session = entry.session {
            try SessionTable(connection).insert(session)
            if let person = KnownPerson(session) { try PeopleTable(connection).record(person) }
        }
        if let token = entry.refreshToken { try RefreshTokenTable(connection).insert(token) }
        if let reply = entry.reply, let certificate = entry.certificate {
            try ReplyTable(connection).insert(reply, for: certificate)
        }
        if let used = entry.usedChallenge { try Self.use(used, on: connection) }
        for revocation in entry.revocations {
            try CertificateTable(connection).revoke(revocation, event: firstLeaf)
        }
        if let release = entry.release { try CertificateTable(connection).release(release, event: firstLeaf) }
        for change in entry.access { try AccessTable(connection).apply(change, firstLeaf: firstLeaf) }
        if let policy = entry.policy { try LivePolicyTable(connection).replace(with: policy) }
        for key in entry.caKeys { try CAKeyTable(connection).replace(with: key) }
        if let token = entry.newToken { try EnrolmentTokenTable(connection).insert(token) }
        if let use = entry.usedToken { try EnrolmentTokenTable(connection).record(use) }
        if let digest = entry.cancelledToken { try EnrolmentTokenTable(connection).delete(digest: digest) }
        switch entry.hostChange {
        case .enrolled(let host):
            try HostTable(connection).replace(with: host)
        case .renewed(let name, let zones, let certificate, let validBefore):
            try HostTable(connection).renew(name, zones: zones, certificate, validBefore: validBefore)
        case .removed(let name): try HostTable(connection).remove(name, at: entry.time)
        case .reported(let name, let publicKey, let report, let sessions):
            guard try HostTable(connection).record(report, sessions, ofHost: name, publicKey: publicKey) else {
                throw StorageError.damaged("the report of a host")
            }
        case nil: break
        }
        for notice in entry.notifications { try OutboxTable(connection).insert(notice, at: entry.time) }
        if entry.acceptedClock != nil {
            try connection.execute(
                "UPDATE sessions SET ended_at = ? WHERE ended_at IS NULL", [.integer(entry.time.seconds)])
            try RefreshTokenTable(connection).end(at: entry.time)
        }
        for serial in entry.endedSessions { try SessionTable(connection).end(serial: serial, at: entry.time) }
    }
}

extension Date {
    var seconds: Int64 { Int64(timeIntervalSince1970.rounded(.down)) }

    init(seconds: Int64) { self.init(timeIntervalSince1970: Double(seconds)) }
}
