// SPDX-License-Identifier: Apache-2.0

import Authentication
import FoundationEssentials
import HTTPTypes
import Issuance
import Policies
import ServiceAPI

/// Which sessions are open, and ending them.
struct SessionRoutes: Sendable {
    let authority: Authority
    let uses: LastUses
    let clock: any WallClock

    private static let pageSize = 200

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .get, path: Paths.sessions, query: ["user", "all", "after"], answer: .session(list)),
            Endpoint(method: .post, path: Paths.sessionEndings, answer: .session(end)),
        ]
    }

    private func list(_ call: AuthenticatedCall) async throws -> Reply {
        let query = call.call.query
        let identity = call.caller.identity
        var filter = SessionFilter(openAt: clock.now, limit: Self.pageSize)
        filter.after = query["after"]
        filter.user = query["user"]
        let all = try call.call.flag("all")
        guard !all || filter.user == nil else { throw CallError.malformed("`all` and `user` exclude each other") }
        let isOwn = !all && (filter.user == nil || filter.user == identity.user)
        var sessions: [SessionRecord]
        if !isOwn {
            try await authority.requireCapability(.sessionsRead, of: call.caller)
            sessions = try await authority.openSessions(matching: filter)
        } else if let user = identity.user {
            filter.user = user
            filter.provider = identity.provider
            sessions = try await authority.openSessions(matching: filter)
        } else {
            sessions = [call.session]
        }
        let next = sessions.next(\.serial, ofPage: Self.pageSize)
        let open = try await uses.lastUses(of: sessions, at: clock.now)
        return try .json(
            SessionList(
                sessions: open.map { session, use in
                    SessionSummary(
                        serial: session.serial, provider: session.provider, user: session.user,
                        createdAt: session.createdAt, lastUsedAt: use.time, lastAddress: use.address,
                        expiresAt: session.expiresAt, idleEndsAt: min(session.expiresAt, uses.idleEnd(after: use)),
                        isCurrent: session.serial == call.session.serial)
                }, next: next))
    }

    private func end(_ call: AuthenticatedCall) async throws -> Reply {
        let request = try call.call.decode(SessionEndingRequest.self)
        let selections = [
            request.serial.map(SessionSelection.serial), request.user.map(SessionSelection.user),
            request.others == true ? .others : nil,
        ].compactMap(\.self)
        guard selections.count == 1, let selection = selections.first else {
            throw CallError.malformed("name one of `serial`, `user` and `others`")
        }
        let ended = try await authority.endSessions(selection, reason: request.reason, by: call.caller)
        return try .json(SessionEndingReply(ended: ended.map(\.serial)))
    }
}
