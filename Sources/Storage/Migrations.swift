// SPDX-License-Identifier: Apache-2.0

/// The schema, as the steps that led to it. A step that was released is never edited; a new one is added.
enum Migrations {
    static let all: [(name: String, statements: [String])] = [
        (
            "1-first",
            [
                """
                CREATE TABLE certificates (
                    number INTEGER PRIMARY KEY,
                    kind TEXT NOT NULL, issuer TEXT NOT NULL, serial TEXT NOT NULL,
                    provider TEXT NOT NULL, user_name TEXT, role TEXT NOT NULL, rule TEXT NOT NULL, host TEXT,
                    names TEXT NOT NULL, public_key TEXT NOT NULL,
                    valid_after BIGINT NOT NULL, valid_before BIGINT NOT NULL, issued_at BIGINT NOT NULL,
                    policy TEXT NOT NULL, certificate BLOB NOT NULL,
                    revoked_at BIGINT, revocation_reason TEXT
                )
                """,
                "CREATE UNIQUE INDEX certificates_by_serial ON certificates (serial, issuer)",
                "CREATE INDEX certificates_by_user ON certificates (user_name, number)",
                "CREATE INDEX certificates_by_expiry ON certificates (valid_before)",
                """
                CREATE TABLE sessions (
                    serial TEXT PRIMARY KEY, provider TEXT NOT NULL, user_name TEXT NOT NULL,
                    certificate_digest BLOB NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, ended_at BIGINT
                )
                """,
                """
                CREATE TABLE replies (
                    identity TEXT NOT NULL, idempotency_key TEXT NOT NULL, request_digest BLOB NOT NULL,
                    issuer TEXT NOT NULL, serial TEXT NOT NULL, narrowed TEXT NOT NULL, expires_at BIGINT NOT NULL,
                    PRIMARY KEY (identity, idempotency_key)
                )
                """,
                "CREATE TABLE used_challenges (nonce TEXT PRIMARY KEY, expires_at BIGINT NOT NULL)",
                "CREATE TABLE serials (issuer TEXT PRIMARY KEY, next BIGINT NOT NULL)",
                // INTEGER, not BIGINT: only so is it SQLite's own row number, and needs no second index.
                "CREATE TABLE log_leaves (number INTEGER PRIMARY KEY, leaf BLOB NOT NULL, hash BLOB NOT NULL)",
                """
                CREATE TABLE log_tiles (
                    level INTEGER NOT NULL, number BIGINT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, number)
                )
                """,
                // One row: the right edge of the tree, and the time of its last event in milliseconds.
                "CREATE TABLE log_head (id INTEGER PRIMARY KEY, frontier BLOB NOT NULL, time BIGINT NOT NULL)",
            ]
        ),
        (
            "2-live-policy",
            [
                // One row: the policy set that went live last.
                """
                CREATE TABLE live_policy (
                    id INTEGER PRIMARY KEY, digest TEXT NOT NULL, git_commit TEXT, signer TEXT, loaded_at BIGINT NOT NULL
                )
                """
            ]
        ),
        (
            "4-outbox",
            [
                // `state`: 0 pending, 1 delivered, 2 given up. A lease is a pending row that falls due when the lease ends;
                // `attempts` tells whose lease it is. `expires_at` is when a finished row may go.
                """
                CREATE TABLE outbox (
                    number INTEGER PRIMARY KEY,
                    notice TEXT NOT NULL, receiver TEXT NOT NULL, content BLOB NOT NULL, written_at BIGINT NOT NULL,
                    state BIGINT NOT NULL, due_at BIGINT NOT NULL, attempts BIGINT NOT NULL, problem TEXT, expires_at BIGINT
                )
                """,
                "CREATE UNIQUE INDEX outbox_by_notice ON outbox (notice, receiver)",
                "CREATE INDEX outbox_by_due ON outbox (state, receiver, due_at)",
                "CREATE INDEX outbox_by_expiry ON outbox (expires_at)",
            ]
        ),
    ]

    static func run(on connection: any SQLConnection) throws {
        try connection.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY)", [])
        let done = try connection.rows("SELECT name FROM migrations", []).map { try $0.text(0) }
        if let unknown = done.first(where: { name in !all.contains { $0.name == name } }) {
            throw StorageError.unknownMigration(unknown)
        }
        for migration in all where !done.contains(migration.name) {
            for statement in migration.statements { try connection.execute(statement, []) }
            try connection.execute("INSERT INTO migrations (name) VALUES (?)", [.text(migration.name)])
        }
    }
}
