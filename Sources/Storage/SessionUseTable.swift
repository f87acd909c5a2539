// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance

/// When sessions were last used, as far as it was written.
struct SessionUseTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    func lastUse(ofSession serial: String) throws -> LastUse? {
        try connection.rows(
            "SELECT serial, used_at, address, expires_at FROM session_uses WHERE serial = ?", [.text(serial)]
        ).first.map { row in
            LastUse(
                session: try row.text(0), time: Date(seconds: try row.integer(1)), address: try row.textOrNull(2),
                expires: Date(seconds: try row.integer(3)))
        }
    }

    /// Of two the later one stays: another process may know better.
    func record(_ use: LastUse) throws {
        try connection.execute(
            """
            INSERT INTO session_uses (serial, used_at, address, expires_at) VALUES (?, ?, ?, ?) \
            ON CONFLICT (serial) DO UPDATE SET used_at = excluded.used_at, address = excluded.address \
            WHERE excluded.used_at > session_uses.used_at
            """,
            [
                .text(use.session), .integer(use.time.seconds), .text(orNull: use.address), .integer(use.expires.seconds),
            ])
    }
}
