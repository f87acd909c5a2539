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
            "3-revocations",
            [
                "ALTER TABLE certificates ADD COLUMN revocation_cause TEXT",
                // The leaf of the log by which it was revoked, held or released last.
                "ALTER TABLE certificates ADD COLUMN revocation_event BIGINT",
                "UPDATE certificates SET revocation_cause = 'unspecified', revocation_event = 0 WHERE revoked_at IS NOT NULL",
                """
                CREATE INDEX certificates_by_revocation ON certificates (revocation_event) \
                WHERE revocation_event IS NOT NULL
                """,
            ]
        ),
        (
            "4-access-requests",
            [
                """
                CREATE TABLE access_requests (
                    number INTEGER PRIMARY KEY,
                    id TEXT NOT NULL, provider TEXT NOT NULL, user_name TEXT NOT NULL, role TEXT NOT NULL, rule TEXT NOT NULL,
                    requested_at BIGINT NOT NULL, extends TEXT, closes_at BIGINT NOT NULL, review_due BIGINT,
                    version BIGINT NOT NULL, issued BIGINT NOT NULL
                )
                """,
                "CREATE UNIQUE INDEX access_requests_by_id ON access_requests (id)",
                "CREATE INDEX access_requests_by_user ON access_requests (user_name, closes_at)",
                "CREATE INDEX access_requests_by_end ON access_requests (closes_at)",
                "CREATE INDEX access_requests_by_parent ON access_requests (extends)",
                "CREATE INDEX access_requests_by_review ON access_requests (rule, review_due)",
                // Which leaves of the log are the events of a request, in their order.
                """
                CREATE TABLE access_events (
                    request TEXT NOT NULL, version BIGINT NOT NULL, leaf BIGINT NOT NULL, PRIMARY KEY (request, version)
                )
                """,
                "ALTER TABLE certificates ADD COLUMN grant_id TEXT",
                "CREATE INDEX certificates_by_grant ON certificates (grant_id)",
            ]
        ),
        (
            "5-session-identity",
            // What a provider said at login, as bytes whose digest the session certificate carries; NULL for local users.
            ["ALTER TABLE sessions ADD COLUMN identity BLOB"]
        ),
        (
            "6-hosts",
            [
                """
                CREATE TABLE enrolment_tokens (
                    digest BLOB PRIMARY KEY, role TEXT NOT NULL, hosts TEXT NOT NULL, created_by TEXT NOT NULL,
                    created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_issuer TEXT, used_serial TEXT
                )
                """,
                """
                CREATE TABLE hosts (
                    name TEXT PRIMARY KEY, role TEXT NOT NULL, zones TEXT NOT NULL, public_key TEXT NOT NULL,
                    enrolled_at BIGINT NOT NULL, token TEXT NOT NULL, issuer TEXT NOT NULL, serial TEXT NOT NULL,
                    valid_before BIGINT NOT NULL, removed_at BIGINT,
                    reported_at BIGINT, krl_version BIGINT, user_ca_keys TEXT, host_zones TEXT, client_version TEXT,
                    ended_sessions BIGINT, problem TEXT
                )
                """,
            ]
        ),
        (
            "7-reported-certificate",
            // The certificate with which a host reported: by which of two CA keys, while one replaces the other.
            ["ALTER TABLE hosts ADD COLUMN reported_issuer TEXT", "ALTER TABLE hosts ADD COLUMN reported_serial TEXT"]
        ),
        (
            "8-outbox",
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
        (
            "9-session-uses",
            [
                // Apart from the sessions, whose rows never change but to end: this is written once a minute.
                """
                CREATE TABLE session_uses (
                    serial TEXT PRIMARY KEY, used_at BIGINT NOT NULL, address TEXT, expires_at BIGINT NOT NULL
                )
                """,
                "CREATE INDEX sessions_by_user ON sessions (user_name, serial)",
            ]
        ),
        (
            "10-host-sessions",
            [
                "ALTER TABLE hosts ADD COLUMN sessions_krl_version BIGINT",
                "UPDATE hosts SET ended_sessions = 0",
                // What hosts ended, and could not end.
                """
                CREATE TABLE host_sessions (
                    host TEXT NOT NULL, id TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL,
                    issuer TEXT, serial TEXT, login TEXT NOT NULL, address TEXT,
                    since BIGINT NOT NULL, at BIGINT NOT NULL, lasts_until BIGINT, expires_at BIGINT NOT NULL,
                    PRIMARY KEY (host, id)
                )
                """,
                "CREATE INDEX host_sessions_by_certificate ON host_sessions (serial, issuer)",
                "CREATE INDEX host_sessions_by_expiry ON host_sessions (expires_at)",
                // Up to which leaf of the log each published list knows what was revoked.
                """
                CREATE TABLE list_versions (
                    list TEXT NOT NULL, number BIGINT NOT NULL, event BIGINT NOT NULL, made_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL, PRIMARY KEY (list, number)
                )
                """,
            ]
        ),
        (
            "11-provider-sessions",
            // What the provider calls the login, so that it can end it.
            [
                "ALTER TABLE sessions ADD COLUMN subject TEXT", "ALTER TABLE sessions ADD COLUMN provider_session TEXT",
                "CREATE INDEX sessions_by_subject ON sessions (subject) WHERE subject IS NOT NULL",
            ]
        ),
        (
            "12-ca-keys",
            [
                """
                CREATE TABLE ca_keys (
                    fingerprint TEXT PRIMARY KEY, purpose TEXT NOT NULL, public_key BLOB NOT NULL, certificate BLOB,
                    state TEXT NOT NULL, prepared_at BIGINT, changed_at BIGINT
                )
                """
            ]
        ),
        (
            "13-refresh-tokens",
            [
                // NULL: what the provider said at login counts until the end.
                "ALTER TABLE sessions ADD COLUMN vouched_until BIGINT",
                // Apart from the sessions, which are read at every call.
                """
                CREATE TABLE refresh_tokens (
                    session TEXT PRIMARY KEY, provider TEXT NOT NULL, sealed BLOB NOT NULL, due_at BIGINT NOT NULL,
                    version BIGINT NOT NULL, expires_at BIGINT NOT NULL
                )
                """,
                "CREATE INDEX refresh_tokens_by_due ON refresh_tokens (due_at)",
                "CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at)",
            ]
        ),
        (
            "14-people",
            [
                // What a provider said of whom at their newest login. Their sessions are forgotten much earlier.
                """
                CREATE TABLE people (
                    provider TEXT NOT NULL, user_name TEXT NOT NULL, identity BLOB NOT NULL, logged_in_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL, PRIMARY KEY (provider, user_name)
                )
                """,
                "CREATE INDEX people_by_name ON people (user_name)",
            ]
        ),
        (
            "15-recheck",
            [
                // Looked at every few seconds: those that are over, and all others, are not read for it.
                "ALTER TABLE access_requests ADD COLUMN rechecked BIGINT NOT NULL DEFAULT 0",
                "CREATE INDEX access_requests_rechecked ON access_requests (closes_at) WHERE rechecked = 1",
            ]
        ),
        (
            "16-machines",
            [
                "ALTER TABLE enrolment_tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'ssh-host'",
                // Id of the token that a certificate came of, by itself or by renewals.
                "ALTER TABLE certificates ADD COLUMN enrolment TEXT",
                "CREATE INDEX certificates_by_enrolment ON certificates (enrolment, number) WHERE enrolment IS NOT NULL",
            ]
        ),
        (
            "17-ended-enrolments",
            [
                // Asked at every renewal of a machine, which may have thousands of certificates.
                "CREATE INDEX ended_enrolments ON certificates (enrolment) WHERE enrolment IS NOT NULL AND revoked_at IS NOT NULL"
            ]
        ),
        (
            "18-ended-logins",
            [
                // Asked when a session opens, which must not by a login that is over.
                """
                CREATE TABLE ended_logins (
                    nonce TEXT PRIMARY KEY, provider TEXT NOT NULL, subject TEXT, provider_session TEXT,
                    issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
                )
                """,
                "CREATE INDEX ended_logins_by_subject ON ended_logins (provider, subject)",
                "CREATE INDEX ended_logins_by_expiry ON ended_logins (expires_at)",
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
