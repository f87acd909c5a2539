// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance

/// Enrolled hosts, each with its newest certificate and its last report.
struct HostTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    private static let columns = """
        name, role, zones, public_key, enrolled_at, token, issuer, serial, valid_before, removed_at, reported_at, \
        krl_version, user_ca_keys, host_zones, client_version, ended_sessions, problem, \
        reported_issuer, reported_serial, sessions_krl_version, \
        (SELECT COUNT(*) FROM host_sessions WHERE host = hosts.name AND outcome IN (\(HostSessionTable.openOutcomes)))
        """

    /// One that was there before is forgotten with its report.
    func replace(with host: HostRecord) throws {
        try HostSessionTable(connection).forgetOpen(ofHost: host.name, at: host.enrolledAt)
        try connection.execute("DELETE FROM hosts WHERE name = ?", [.text(host.name)])
        try connection.execute(
            """
            INSERT INTO hosts (name, role, zones, public_key, enrolled_at, token, issuer, serial, valid_before, \
            ended_sessions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
            """,
            [
                .text(host.name), .text(host.role), .text(host.zones.joined(separator: "\n")), .text(host.publicKey),
                .integer(host.enrolledAt.seconds), .text(host.token), .text(host.certificate.issuer),
                .text(host.certificate.serial), .integer(host.validBefore.seconds),
            ])
    }

    func renew(_ name: String, zones: [String], _ certificate: CertificateReference, validBefore: Date) throws {
        try connection.execute(
            "UPDATE hosts SET zones = ?, issuer = ?, serial = ?, valid_before = ? WHERE name = ?",
            [
                .text(zones.joined(separator: "\n")), .text(certificate.issuer), .text(certificate.serial),
                .integer(validBefore.seconds), .text(name),
            ])
    }

    func remove(_ name: String, at time: Date) throws {
        try HostSessionTable(connection).forgetOpen(ofHost: name, at: time)
        try connection.execute(
            "UPDATE hosts SET removed_at = ? WHERE name = ?", [.integer(time.seconds), .text(name)])
    }

    /// - Returns: whether the host is enrolled with this key, and has said nothing newer.
    func record(_ report: HostReport, _ sessions: [HostSession], ofHost name: String, publicKey: String) throws -> Bool {
        let version = try Self.integer(report.revocationListVersion)
        let changed = try connection.execute(
            """
            UPDATE hosts SET reported_at = ?, krl_version = ?, user_ca_keys = ?, host_zones = ?, client_version = ?, \
            sessions_krl_version = ?, problem = ?, reported_issuer = ?, reported_serial = ? \
            WHERE name = ? AND public_key = ? AND removed_at IS NULL AND (reported_at IS NULL OR reported_at <= ?)
            """,
            [
                .integer(report.time.seconds), .integer(orNull: version), .text(report.userCAKeys.joined(separator: "\n")),
                .text(report.zones.joined(separator: "\n")), .text(report.clientVersion),
                .integer(orNull: try Self.integer(report.sessionsListVersion)), .text(orNull: report.problem),
                .text(report.certificate.issuer), .text(report.certificate.serial), .text(name), .text(publicKey),
                .integer(report.time.seconds),
            ])
        guard changed == 1 else { return false }
        let ended = try HostSessionTable(connection).record(sessions, ofHost: name, at: report.time)
        if ended > 0 {
            try connection.execute(
                "UPDATE hosts SET ended_sessions = ended_sessions + ? WHERE name = ?", [.integer(Int64(ended)), .text(name)])
        }
        return true
    }

    private static func integer(_ version: UInt64?) throws -> Int64? {
        try version.map { version in
            guard let version = Int64(exactly: version) else { throw StorageError.damaged("the version of a revocation list") }
            return version
        }
    }

    func host(named name: String) throws -> HostRecord? {
        try connection.rows("SELECT \(Self.columns) FROM hosts WHERE name = ?", [.text(name)]).first.map(Self.record)
    }

    func hosts(after name: String?, limit: Int) throws -> [HostRecord] {
        try connection.rows(
            "SELECT \(Self.columns) FROM hosts WHERE name > ? AND removed_at IS NULL ORDER BY name LIMIT ?",
            [.text(name ?? ""), .integer(Int64(limit))]
        ).map(Self.record)
    }

    private static func record(_ row: SQLRow) throws -> HostRecord {
        HostRecord(
            name: try row.text(0), role: try row.text(1), zones: lines(try row.text(2)), publicKey: try row.text(3),
            enrolledAt: Date(seconds: try row.integer(4)), token: try row.text(5),
            certificate: CertificateReference(issuer: try row.text(6), serial: try row.text(7)),
            validBefore: Date(seconds: try row.integer(8)), removedAt: try row.integerOrNull(9).map(Date.init(seconds:)),
            report: try row.integerOrNull(10).map { try report(row, at: Date(seconds: $0)) },
            endedSessions: Int(try row.integerOrNull(15) ?? 0), openSessions: Int(try row.integer(20)))
    }

    private static func report(_ row: SQLRow, at time: Date) throws -> HostReport {
        HostReport(
            time: time,
            // Reports from before this was kept came with a certificate of the only key there was.
            certificate: CertificateReference(
                issuer: try row.textOrNull(17) ?? row.text(6), serial: try row.textOrNull(18) ?? row.text(7)),
            revocationListVersion: try row.integerOrNull(11).flatMap { UInt64(exactly: $0) },
            userCAKeys: lines(try row.text(12)), zones: lines(try row.text(13)), clientVersion: try row.text(14),
            sessionsListVersion: try row.integerOrNull(19).flatMap { UInt64(exactly: $0) }, problem: try row.textOrNull(16))
    }

    private static func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}
