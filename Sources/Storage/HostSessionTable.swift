// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance

/// SSH sessions that hosts ended, or could not.
struct HostSessionTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    private static let columns = "host, id, outcome, reason, issuer, serial, login, address, since, at, lasts_until"
    static let openOutcomes = HostSession.Outcome.allCases.filter(\.isOpen).map { "'\($0.rawValue)'" }.joined(separator: ", ")
    /// How long what became of a session is kept.
    private static let retention: Double = 90 * 86_400  // seconds

    /// - Returns: how many have ended that had not.
    func record(_ sessions: [HostSession], ofHost name: String, at time: Date) throws -> Int {
        try forgetOpen(ofHost: name, at: time, besides: sessions.map(\.id))
        var ended = 0
        for session in sessions {
            let known = try outcome(of: session.id, on: name)
            if known == session.outcome { continue }
            if !session.outcome.isOpen { ended += 1 }
            try connection.execute("DELETE FROM host_sessions WHERE host = ? AND id = ?", [.text(name), .text(session.id)])
            try connection.execute(
                """
                INSERT INTO host_sessions (\(Self.columns), expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(name), .text(session.id), .text(session.outcome.rawValue), .text(session.reason),
                    .text(orNull: session.certificate?.issuer), .text(orNull: session.certificate?.serial),
                    .text(session.login), .text(orNull: session.address), .integer(session.since.seconds),
                    .integer(session.at.seconds), .integer(orNull: session.lastsUntil?.seconds),
                    .integer(time.addingTimeInterval(Self.retention).seconds),
                ])
        }
        return ended
    }

    /// Those that were open and are not any more.
    func forgetOpen(ofHost name: String, at time: Date, besides ids: [String] = []) throws {
        let others = ids.isEmpty ? "" : " AND id NOT IN (\(ids.map { _ in "?" }.joined(separator: ", ")))"
        try connection.execute(
            """
            UPDATE host_sessions SET outcome = '\(HostSession.Outcome.gone.rawValue)', at = ? \
            WHERE host = ? AND outcome IN (\(Self.openOutcomes))\(others)
            """, [.integer(time.seconds), .text(name)] + ids.map(SQLValue.text))
    }

    func outcome(of id: String, on host: String) throws -> HostSession.Outcome? {
        try connection.rows("SELECT outcome FROM host_sessions WHERE host = ? AND id = ?", [.text(host), .text(id)])
            .first.map { try Self.outcome($0.text(0)) }
    }

    /// Newest first.
    func sessions(matching filter: HostSessionFilter) throws -> [HostSession] {
        var conditions = ["1 = 1"]
        var arguments: [SQLValue] = []
        if let host = filter.host {
            conditions.append("host = ?")
            arguments.append(.text(host))
        }
        if let ids = filter.ids {
            conditions.append("id IN (\(ids.map { _ in "?" }.joined(separator: ", ")))")
            arguments += ids.map(SQLValue.text)
        }
        if let grant = filter.grant {
            conditions.append("(serial, issuer) IN (SELECT serial, issuer FROM certificates WHERE grant_id = ?)")
            arguments.append(.text(grant))
        }
        if let events = filter.revokedBy {
            conditions.append(
                """
                ((serial, issuer) IN (SELECT serial, issuer FROM certificates \
                WHERE revocation_event >= ? AND revocation_event < ? AND revoked_at IS NOT NULL) \
                OR serial IS NULL AND outcome IN (\(Self.openOutcomes)))
                """)
            arguments += [.integer(events.lowerBound), .integer(events.upperBound)]
        }
        if filter.onlyOpen { conditions.append("outcome IN (\(Self.openOutcomes))") }
        arguments.append(.integer(Int64(filter.limit)))
        return try connection.rows(
            """
            SELECT \(Self.columns) FROM host_sessions WHERE \(conditions.joined(separator: " AND ")) \
            ORDER BY at DESC, host, id LIMIT ?
            """, arguments
        ).map(Self.session)
    }

    private static func outcome(_ text: String) throws -> HostSession.Outcome {
        guard let outcome = HostSession.Outcome(rawValue: text) else {
            throw StorageError.damaged("an SSH session of an unknown outcome")
        }
        return outcome
    }

    private static func session(_ row: SQLRow) throws -> HostSession {
        var certificate: CertificateReference?
        if let issuer = try row.textOrNull(4), let serial = try row.textOrNull(5) {
            certificate = CertificateReference(issuer: issuer, serial: serial)
        }
        return HostSession(
            host: try row.text(0), id: try row.text(1), outcome: try outcome(row.text(2)), reason: try row.text(3),
            certificate: certificate, login: try row.text(6), address: try row.textOrNull(7),
            since: Date(seconds: try row.integer(8)), at: Date(seconds: try row.integer(9)),
            lastsUntil: try row.integerOrNull(10).map(Date.init(seconds:)))
    }
}
