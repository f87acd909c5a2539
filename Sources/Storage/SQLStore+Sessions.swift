// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Issuance

extension SQLStore {
    package func openSessions(matching filter: SessionFilter) async throws -> [SessionRecord] {
        var conditions = ["ended_at IS NULL", "expires_at > ?", "(vouched_until IS NULL OR vouched_until > ?)"]
        var arguments: [SQLValue] = [.integer(filter.openAt.seconds), .integer(filter.openAt.seconds)]
        for (column, text) in [("provider", filter.provider), ("user_name", filter.user)] {
            guard let text else { continue }
            conditions.append("\(column) = ?")
            arguments.append(.text(text))
        }
        if let login = filter.login {
            let (condition, values) = Self.condition(login)
            conditions.append(condition)
            arguments += values
        }
        if let after = filter.after {
            conditions.append("serial > ?")
            arguments.append(.text(after))
        }
        arguments.append(.integer(Int64(filter.limit)))
        let statement =
            "SELECT serial FROM sessions WHERE \(conditions.joined(separator: " AND ")) ORDER BY serial LIMIT ?"
        return try await database.read { [arguments] connection in
            try connection.rows(statement, arguments).compactMap { row in
                try SessionTable(connection).session(serial: try row.text(0))
            }
        }
    }

    /// A provider that names the session means that one, whenever it was opened; one that was never named is taken for it.
    /// `EndedLoginTable.names` asks the same from the other side.
    private static func condition(_ login: EndedLogin) -> (text: String, arguments: [SQLValue]) {
        let until = SQLValue.integer(login.openedUntil.seconds)
        return switch (login.session, login.subject) {
        case (let session?, let subject?):
            (
                "subject = ? AND (provider_session = ? OR provider_session IS NULL AND created_at <= ?)",
                [.text(subject), .text(session), until]
            )
        case (let session?, nil): ("provider_session = ?", [.text(session)])
        case (nil, let subject?): ("subject = ? AND created_at <= ?", [.text(subject), until])
        case (nil, nil): ("FALSE", [])
        }
    }

    package func remember(_ login: EndedLogin, usingUp: Bool) async throws -> Bool {
        try await database.write { connection in
            guard try !Self.isUsed(challenge: login.used.nonce, on: connection) else { return false }
            try EndedLoginTable(connection).record(login)
            if usingUp { try Self.use(login.used, on: connection) }
            return true
        }
    }

    package func knownPeople(named user: String?, at time: Date) async throws -> [KnownPerson] {
        try await database.read { try PeopleTable($0).people(named: user, at: time) }
    }

    package func lastUse(ofSession serial: String) async throws -> LastUse? {
        try await database.lookUp { try SessionUseTable($0).lastUse(ofSession: serial) }
    }

    package func record(_ uses: [LastUse]) async throws {
        guard !uses.isEmpty else { return }
        try await database.write { connection in
            for use in uses { try SessionUseTable(connection).record(use) }
        }
    }
}

extension SQLStore: RefreshTokenStore {
    package func refreshTokens(dueAt time: Date, limit: Int) async throws -> [KeptRefreshToken] {
        try await database.lookUp { try RefreshTokenTable($0).due(at: time, limit: limit) }
    }

    package func replace(_ token: KeptRefreshToken, vouchedUntil: Date?) async throws -> KeptRefreshToken? {
        try await database.write { connection in
            guard let stored = try RefreshTokenTable(connection).replace(token) else { return nil }
            if let vouchedUntil { try SessionTable(connection).vouch(for: token.session, until: vouchedUntil) }
            return stored
        }
    }

    package func sharesLogin(ofSession serial: String, at time: Date) async throws -> Bool {
        try await database.read { try RefreshTokenTable($0).sharesLogin(ofSession: serial, at: time) }
    }

    package func forgetRefreshToken(ofSession serial: String) async throws {
        try await database.write { try RefreshTokenTable($0).delete(ofSession: serial) }
    }

    package func forgetRefreshTokens(exceptOf providers: [String]) async throws -> Int {
        try await database.write { try RefreshTokenTable($0).delete(exceptOf: providers) }
    }
}
