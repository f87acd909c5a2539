// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance

/// Whom identity providers vouched for: a row for each, of the newest login.
struct PeopleTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    func record(_ person: KnownPerson) throws {
        try connection.execute(
            """
            INSERT INTO people (provider, user_name, identity, logged_in_at, expires_at) VALUES (?, ?, ?, ?, ?) \
            ON CONFLICT (provider, user_name) DO UPDATE SET identity = excluded.identity, \
            logged_in_at = excluded.logged_in_at, expires_at = excluded.expires_at \
            WHERE excluded.logged_in_at >= people.logged_in_at
            """,
            [
                .text(person.provider), .text(person.user), .blob(person.identity.bytes), .integer(person.loggedInAt.seconds),
                .integer(person.loggedInAt.addingTimeInterval(KnownPerson.retention).seconds),
            ])
    }

    /// - Parameter user: nil for everybody.
    func people(named user: String?, at time: Date) throws -> [KnownPerson] {
        let condition = user == nil ? "" : " AND user_name = ?"
        return try connection.rows(
            """
            SELECT provider, user_name, identity, logged_in_at FROM people WHERE expires_at > ?\(condition) \
            ORDER BY user_name, provider
            """, [.integer(time.seconds)] + (user.map { [.text($0)] } ?? [])
        ).map { row in
            KnownPerson(
                provider: try row.text(0), user: try row.text(1), identity: SessionIdentity(bytes: try row.blob(2)),
                loggedInAt: Date(seconds: try row.integer(3)))
        }
    }
}
