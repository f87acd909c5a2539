// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance

struct SessionTable {
    private let connection: any SQLConnection

    /// The column takes no NULL, and no user has an empty name.
    private static let nobody = ""

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    func insert(_ session: SessionRecord) throws {
        try connection.execute(
            """
            INSERT INTO sessions (serial, provider, user_name, identity, certificate_digest, created_at, expires_at, \
            subject, provider_session, vouched_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(session.serial), .text(session.provider), .text(session.user ?? Self.nobody),
                session.identity.map { .blob($0.bytes) } ?? .null, .blob(session.certificateDigest),
                .integer(session.createdAt.seconds), .integer(session.expiresAt.seconds),
                .text(orNull: session.login?.subject), .text(orNull: session.login?.id),
                .integer(orNull: session.vouchedUntil?.seconds),
            ])
    }

    func session(serial: String) throws -> SessionRecord? {
        try connection.rows(
            """
            SELECT serial, provider, user_name, certificate_digest, created_at, expires_at, ended_at, identity, \
            subject, provider_session, vouched_until FROM sessions WHERE serial = ?
            """, [.text(serial)]
        ).first.map { row in
            let user = try row.text(2)
            let session = try row.textOrNull(9)
            return SessionRecord(
                serial: try row.text(0), provider: try row.text(1), user: user == Self.nobody ? nil : user,
                identity: try row.blobOrNull(7).map(SessionIdentity.init(bytes:)),
                login: try row.textOrNull(8).map { ProviderSession(subject: $0, id: session) },
                certificateDigest: try row.blob(3),
                createdAt: Date(seconds: try row.integer(4)),
                expiresAt: Date(seconds: try row.integer(5)), endedAt: try row.integerOrNull(6).map(Date.init(seconds:)),
                vouchedUntil: try row.integerOrNull(10).map(Date.init(seconds:)))
        }
    }

    func end(serial: String, at time: Date) throws {
        try connection.execute(
            "UPDATE sessions SET ended_at = ? WHERE serial = ? AND ended_at IS NULL",
            [.integer(time.seconds), .text(serial)])
        try RefreshTokenTable(connection).end(ofSession: serial, at: time)
    }

    func vouch(for serial: String, until time: Date) throws {
        try connection.execute(
            "UPDATE sessions SET vouched_until = ? WHERE serial = ? AND ended_at IS NULL AND vouched_until IS NOT NULL",
            [.integer(time.seconds), .text(serial)])
    }
}
