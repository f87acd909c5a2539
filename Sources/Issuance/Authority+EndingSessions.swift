// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import Policies

/// Which sessions are to end.
package enum SessionSelection: Sendable, Equatable {
    case serial(String)
    /// All of the caller's but the one they call with.
    case others
    /// All of this person's.
    case user(String)
}

/// Sessions that are open, and their end before their time. An end counts from the next call on: every call reads the
/// session, and every issuance asks for it again in its transaction.
extension Authority {
    package func openSessions(matching filter: SessionFilter) async throws -> [SessionRecord] {
        try await store.openSessions(matching: filter)
    }

    /// Ends sessions. Everybody may end their own; others' need the capability.
    /// - Returns: those that were open.
    package func endSessions(
        _ selection: SessionSelection, reason: String?, by caller: Caller
    ) async throws -> [SessionRecord] {
        if let reason { try AuthorizationRequest.check(reason: reason) }
        let sessions = try await sessions(of: selection, for: caller)
        // The caller's own comes last: with it ends their right to end others.
        for session in sessions.filter({ $0.serial != caller.session }) + sessions.filter({ $0.serial == caller.session }) {
            try await end(session, reason: reason, by: caller)
        }
        return sessions
    }

    /// Ends what was opened by logins that their provider says are over, all of it in one act.
    /// - Returns: how many were open.
    /// - Throws: `CommitRefusal.challengeAlreadyUsed` where it was said before.
    package func endSessions(of login: EndedLogin, requestID: String) async throws -> Int {
        // First, so that what is not open by now does not open any more, and what is open is found.
        guard try await store.remember(login, usingUp: false) else { throw CommitRefusal.challengeAlreadyUsed }
        var filter = SessionFilter(openAt: clock.now, limit: 500)
        filter.provider = login.provider
        filter.login = login
        let sessions = try await everyOpenSession(matching: filter)
        guard !sessions.isEmpty else {
            // Nothing happened, so there is no event: everybody whom the provider knows could write them without end.
            guard try await store.remember(login, usingUp: true) else { throw CommitRefusal.challengeAlreadyUsed }
            return 0
        }
        var events: [AuditEvent] = []
        for session in sessions {
            events.append(
                try await event(
                    ending: session, actor: .init(provider: login.provider),
                    request: .init(id: requestID, reason: "the identity provider ended the login")))
        }
        var entry = try CommitEntry(events: events)
        entry.preconditions = [.challengeIsUnused(nonce: login.used.nonce)]
        entry.usedChallenge = login.used
        entry.endedSessions = sessions.map(\.serial)
        try await commit(entry)
        return sessions.count
    }

    /// Ends a session because of what its provider says of the person, or does not say any more. Nothing happens where somebody else
    /// was quicker.
    package func end(_ session: SessionRecord, because reason: String) async throws {
        var entry = try CommitEntry(
            event: try await event(
                ending: session, actor: .init(provider: session.provider), request: .init(reason: reason)))
        entry.preconditions = [.sessionIsNotEnded(serial: session.serial)]
        entry.endedSessions = [session.serial]
        do { try await commit(entry) } catch AuthorityError.sessionEnded {}
    }

    private func end(_ session: SessionRecord, reason: String?, by caller: Caller) async throws {
        var entry = try CommitEntry(
            event: try await event(
                ending: session, actor: .init(caller.identity, session: caller.session),
                request: .init(id: caller.requestID, reason: reason)))
        entry.preconditions = caller.preconditions
        entry.endedSessions = [session.serial]
        try await commit(entry)
    }

    private func event(
        ending session: SessionRecord, actor: AuditEvent.Actor, request: AuditEvent.Request
    ) async throws -> AuditEvent {
        let issuer = service.authority.issuer
        let certificate = try await store.certificate(issuer: issuer, serial: session.serial)
        return AuditEvent(
            time: AuditTime(clock.now), type: .sessionEnded, actor: actor, request: request,
            certificate: .init(
                kind: .session, serial: session.serial, issuer: issuer, names: certificate?.names,
                validBefore: AuditTime(session.expiresAt)))
    }

    /// The open sessions that are meant, if the caller may end them. Who may not see others' is refused the same way whether
    /// they exist or not.
    private func sessions(of selection: SessionSelection, for caller: Caller) async throws -> [SessionRecord] {
        switch selection {
        case .serial(let serial):
            let session = try await store.session(serial: serial)
            if !(session.map { isOwn($0, caller) } ?? false) { try await requireCapability(.sessionsEnd, of: caller) }
            guard let session, session.isActive(at: clock.now) else { throw AuthorityError.sessionNotFound(serial: serial) }
            return [session]
        case .others:
            guard let user = caller.identity.user else { return [] }
            return try await everyOpenSession(of: user, provider: caller.identity.provider)
                .filter { $0.serial != caller.session }
        case .user(let user):
            if user == caller.identity.user {
                return try await everyOpenSession(of: user, provider: caller.identity.provider)
            }
            try await requireCapability(.sessionsEnd, of: caller)
            return try await everyOpenSession(of: user, provider: nil)
        }
    }

    /// A session that is opened while this runs comes after it, and is left.
    private func everyOpenSession(of user: String, provider: String?) async throws -> [SessionRecord] {
        var filter = SessionFilter(openAt: clock.now, limit: 500)
        filter.user = user
        filter.provider = provider
        return try await everyOpenSession(matching: filter)
    }

    private func everyOpenSession(matching filter: SessionFilter) async throws -> [SessionRecord] {
        var filter = filter
        var found: [SessionRecord] = []
        while true {
            let page = try await store.openSessions(matching: filter)
            found += page
            guard page.count == filter.limit else { return found }
            filter.after = page.last?.serial
        }
    }

    private func isOwn(_ session: SessionRecord, _ caller: Caller) -> Bool {
        session.serial == caller.session
            || (caller.identity.user != nil && session.user == caller.identity.user
                && session.provider == caller.identity.provider)
    }
}
