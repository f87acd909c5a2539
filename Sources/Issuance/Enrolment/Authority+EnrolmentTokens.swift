// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
package import Policies

extension Authority {
    /// - Parameter names: of the host, or of the machine; or patterns for them.
    /// - Returns: the text, which is nowhere else, and what is on record.
    package func createEnrolmentToken(
        _ kind: EnrolmentToken.Kind, role: String, names: [HostPattern], lifetime: Duration, by caller: Caller
    ) async throws -> (text: String, token: EnrolmentToken) {
        let set = policies.current.set
        switch kind {
        case .sshHost: guard set.kinds(of: role).contains(.sshHost) else { throw AuthorityError.noHostRole(role) }
        case .x509: guard set.kinds(of: role).contains(.x509) else { throw AuthorityError.noMachineRole(role) }
        }
        guard names.count == 1 || kind == .x509 && (1...EnrolmentToken.mostNames).contains(names.count) else {
            throw AuthorityError.tokenNames(most: EnrolmentToken.mostNames)
        }
        guard lifetime >= .seconds(1), lifetime <= EnrolmentToken.longestLifetime else {
            throw AuthorityError.tokenLifetime(longest: EnrolmentToken.longestLifetime)
        }
        let now = clock.wholeSeconds
        let text = EnrolmentToken.newText()
        guard let digest = EnrolmentToken.digest(ofText: text) else {
            throw AuthorityError.lintFailed("the token is malformed")
        }
        let token = EnrolmentToken(
            digest: digest, kind: kind, role: role, names: names.map(\.text), createdBy: caller.name, createdAt: now,
            expiresAt: now.addingTimeInterval(Double(lifetime.components.seconds)))
        var event = event(.tokenCreated, token, under: set, by: caller)
        event.request?.lifetime = Int(lifetime.components.seconds)
        var entry = try CommitEntry(event: event)
        entry.preconditions = caller.preconditions
        entry.newToken = token
        try await commit(entry)
        return (text, token)
    }

    /// Those that still let somebody in; in the order of their ids.
    package func openEnrolmentTokens(after id: String?, limit: Int) async throws -> [EnrolmentToken] {
        try await store.openEnrolmentTokens(at: clock.now, after: id, limit: limit)
    }

    /// Nobody enrols with it any more.
    /// - Throws: `AuthorityError.tokenUsedAlready`: what came of it ends in other ways.
    package func cancelEnrolmentToken(_ id: String, reason: String, by caller: Caller) async throws -> EnrolmentToken {
        try AuthorizationRequest.check(reason: reason)
        guard let token = try await store.enrolmentToken(id: id) else { throw AuthorityError.tokenNotFound(id: id) }
        guard token.use == nil else { throw AuthorityError.tokenUsedAlready(id: id) }
        var event = event(.tokenCancelled, token, under: policies.current.set, by: caller)
        event.request?.reason = reason
        var entry = try CommitEntry(event: event)
        entry.preconditions = caller.preconditions + [.tokenIsUsable(digest: token.digest)]
        entry.cancelledToken = token.digest
        do {
            try await commit(entry)
        } catch CommitRefusal.tokenNotUsable {
            let isUsed = try await store.enrolmentToken(id: id)?.use != nil
            throw isUsed ? AuthorityError.tokenUsedAlready(id: id) : AuthorityError.tokenNotFound(id: id)
        }
        return token
    }

    private func event(
        _ type: AuditEvent.Kind, _ token: EnrolmentToken, under set: PolicySet, by caller: Caller
    ) -> AuditEvent {
        AuditEvent(
            time: AuditTime(clock.now), type: type, actor: .init(caller.identity, session: caller.session),
            request: .init(
                id: caller.requestID, role: token.role, kind: token.kind == .sshHost ? .sshHost : .x509, host: token.host,
                names: token.machineNames?.map(described)),
            policy: set.digest, message: "token \(token.id)")
    }

    /// As alternative names are written.
    private func described(_ name: String) -> String { ((try? HostName(name))?.address == nil ? "DNS:" : "IP:") + name }
}
