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
        var request = AuditEvent.Request(
            id: caller.requestID, role: role, kind: kind == .sshHost ? .sshHost : .x509,
            lifetime: Int(lifetime.components.seconds))
        if kind == .sshHost { request.host = token.names[0] } else { request.names = names.map(\.described) }
        let event = AuditEvent(
            time: AuditTime(clock.now), type: .tokenCreated, actor: .init(caller.identity, session: caller.session),
            request: request, policy: set.digest, message: "token \(token.id)")
        var entry = try CommitEntry(event: event)
        entry.preconditions = caller.preconditions
        entry.newToken = token
        try await commit(entry)
        return (text, token)
    }
}

extension HostPattern {
    /// As alternative names are written.
    fileprivate var described: String { ((try? HostName(text))?.address == nil ? "DNS:" : "IP:") + text }
}
