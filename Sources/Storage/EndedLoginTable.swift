// SPDX-License-Identifier: Apache-2.0

import Issuance

/// Logins that their provider said are over, for as long as one of them may still be under way.
struct EndedLoginTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    /// What is said again changes nothing.
    func record(_ login: EndedLogin) throws {
        try connection.execute(
            """
            INSERT INTO ended_logins (nonce, provider, subject, provider_session, issued_at, expires_at) \
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (nonce) DO NOTHING
            """,
            [
                .text(login.used.nonce), .text(login.provider), .text(orNull: login.subject), .text(orNull: login.session),
                .integer(login.issuedAt.seconds), .integer(login.used.expires.seconds),
            ])
    }

    /// Whether one of them is this login: by its name, whenever it began, or else by its subject, where its token is not from
    /// after it. Both times are the provider's.
    func names(_ login: ProviderSession, of provider: String) throws -> Bool {
        try !connection.rows(
            """
            SELECT 1 FROM ended_logins WHERE provider = ? AND (subject = ? OR subject IS NULL) \
            AND (provider_session = ? OR (provider_session IS NULL OR ? IS NULL) AND subject IS NOT NULL AND issued_at >= ?) \
            LIMIT 1
            """,
            [
                .text(provider), .text(login.subject), .text(orNull: login.id), .text(orNull: login.id),
                .integer(login.issuedAt?.seconds ?? 0),
            ]
        ).isEmpty
    }
}
