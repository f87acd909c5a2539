// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance

struct RefreshTokenTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    func insert(_ token: KeptRefreshToken) throws {
        try connection.execute(
            """
            INSERT INTO refresh_tokens (session, provider, sealed, due_at, version, expires_at) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                .text(token.session), .text(token.provider), .blob(token.sealed), .integer(token.dueAt.seconds),
                .integer(token.version), .integer(token.expiresAt.seconds),
            ])
    }

    func due(at time: Date, limit: Int) throws -> [KeptRefreshToken] {
        try connection.rows(
            """
            SELECT session, provider, sealed, due_at, version, expires_at FROM refresh_tokens WHERE due_at <= ? \
            ORDER BY due_at, session LIMIT ?
            """, [.integer(time.seconds), .integer(Int64(limit))]
        ).map { row in
            KeptRefreshToken(
                session: try row.text(0), provider: try row.text(1), sealed: try row.blob(2),
                dueAt: Date(seconds: try row.integer(3)), version: try row.integer(4),
                expiresAt: Date(seconds: try row.integer(5)))
        }
    }

    /// In one statement, so that a token is never without its row, nor a row without its token.
    func replace(_ token: KeptRefreshToken) throws -> KeptRefreshToken? {
        let changed = try connection.execute(
            "UPDATE refresh_tokens SET sealed = ?, due_at = ?, version = version + 1 WHERE session = ? AND version = ?",
            [.blob(token.sealed), .integer(token.dueAt.seconds), .text(token.session), .integer(token.version)])
        guard changed == 1 else { return nil }
        var stored = token
        stored.version += 1
        return stored
    }

    /// Makes it due to be revoked. Whoever asks with it at this moment will find that it has changed.
    /// - Parameter serial: nil for those of all sessions.
    func end(ofSession serial: String? = nil, at time: Date) throws {
        try connection.execute(
            "UPDATE refresh_tokens SET due_at = ?, expires_at = ?, version = version + 1 WHERE expires_at > ?"
                + (serial == nil ? "" : " AND session = ?"),
            Array(repeating: .integer(time.seconds), count: 3) + (serial.map { [.text($0)] } ?? []))
    }

    func sharesLogin(ofSession serial: String, at time: Date) throws -> Bool {
        try !connection.rows(
            """
            SELECT 1 FROM sessions AS own JOIN sessions AS other ON other.provider = own.provider \
            AND other.subject = own.subject AND other.provider_session = own.provider_session AND other.serial <> own.serial \
            JOIN refresh_tokens ON refresh_tokens.session = other.serial \
            WHERE own.serial = ? AND refresh_tokens.expires_at > ? LIMIT 1
            """, [.text(serial), .integer(time.seconds)]
        ).isEmpty
    }

    func delete(ofSession serial: String) throws {
        try connection.execute("DELETE FROM refresh_tokens WHERE session = ?", [.text(serial)])
    }

    func delete(exceptOf providers: [String]) throws -> Int {
        let marks = providers.map { _ in "?" }.joined(separator: ", ")
        return try connection.execute(
            "DELETE FROM refresh_tokens" + (providers.isEmpty ? "" : " WHERE provider NOT IN (\(marks))"),
            providers.map(SQLValue.text))
    }
}
