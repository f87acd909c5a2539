// SPDX-License-Identifier: Apache-2.0
package import AuditLog
import FoundationEssentials
import Policies

/// A decision on record, as the question it answered: with it another policy set can be asked the same.
package struct RecordedQuestion: Sendable {
    enum Question: Sendable {
        case certificate(AuthorizationRequest)
        /// An SSH certificate for a host, the role left to the policy.
        case host(HostName, login: String?, AuthorizationRequest.Subject)
        case capability(Capability)
    }

    /// What became of it then.
    package enum Outcome: Sendable, Equatable {
        /// - Parameters:
        ///   - lifetime: whole seconds, after every limit.
        ///   - names: principals, or names with their type, sorted.
        case allowed(lifetime: Duration, names: [String])
        case needsApproval
        case denied
    }

    package let event: AuditEvent
    package let outcome: Outcome
    let identity: Identity
    let question: Question
    let lifetime: Duration?
    let instant: Date

    /// nil for an event that is no decision of a policy.
    /// - Throws: `RecordedQuestionError` when it is one, but not whole: written by a version that recorded less.
    package init?(_ event: AuditEvent) throws(RecordedQuestionError) {
        guard event.type == .certificateIssued || event.type == .certificateDenied, let actor = event.actor,
            let request = event.request
        else { return nil }
        self.event = event
        identity = Identity(actor)
        instant = Self.instant(of: event)
        lifetime = request.lifetime.map { .seconds($0) }
        question = try Self.question(request)
        outcome = try Self.outcome(of: event, at: instant)
    }

    /// The second in which it was decided: a certificate begins so much before it. The event itself may have been written in
    /// the next one.
    private static func instant(of event: AuditEvent) -> Date {
        let written = Date(timeIntervalSince1970: event.time.date.timeIntervalSince1970.rounded(.down))
        guard let begin = event.certificate?.validAfter?.date else { return written }
        let decided = begin.addingTimeInterval(Authority.backdating)
        // Where the CA began later than that, the certificate begins with it.
        return (0...Authority.backdating).contains(written.timeIntervalSince(decided)) ? decided : written
    }

    private static func question(_ request: AuditEvent.Request) throws(RecordedQuestionError) -> Question {
        if let capability = request.capability {
            guard let known = Capability(rawValue: capability) else { throw .unknown("capability `\(capability)`") }
            return .capability(known)
        }
        do {
            let what: AuthorizationRequest.Subject
            switch request.kind {
            case .ssh: what = .ssh(logins: request.logins, host: try request.host.map { try HostName($0) })
            case .sshHost: what = .sshHost(host: try HostName(request.host ?? ""))
            case .x509: what = .x509(names: try X509Names(described: request.names ?? []))
            case .session, .server, nil: throw RecordedQuestionError.unknown("what was asked for")
            }
            guard let role = request.role else {
                guard case .ssh(let logins, let host?) = what else { throw RecordedQuestionError.unknown("the role") }
                return .host(host, login: logins?.first, what)
            }
            guard let route = AuthorizationRequest.Route(rawValue: request.route ?? "issue") else {
                throw RecordedQuestionError.unknown("route `\(request.route ?? "")`")
            }
            return .certificate(
                try AuthorizationRequest(
                    role: role, what: what, lifetime: request.lifetime.map { .seconds($0) }, reason: request.reason,
                    ticket: request.ticket, route: route, keyType: request.keyType.flatMap(KeyType.init(rawValue:))))
        } catch let error as RecordedQuestionError {
            throw error
        } catch {
            throw .unknown("\(error)")
        }
    }

    private static func outcome(of event: AuditEvent, at instant: Date) throws(RecordedQuestionError) -> Outcome {
        guard event.type == .certificateIssued else {
            return event.decision?.result == .approvalNeeded ? .needsApproval : .denied
        }
        guard let certificate = event.certificate, let end = certificate.validBefore else {
            throw .unknown("the certificate")
        }
        let seconds = end.date.timeIntervalSince(instant).rounded()
        return .allowed(
            lifetime: .seconds(Int64(max(0, seconds))), names: (certificate.principals ?? certificate.names ?? []).sorted())
    }
}

package enum RecordedQuestionError: Error, Equatable {
    /// What the event lacks or what this version does not know.
    case unknown(String)
}

extension Identity {
    /// As the log has it: what is absent there was unknown.
    package init(_ actor: AuditEvent.Actor) {
        self.init(
            provider: actor.provider, user: actor.user, login: actor.login,
            groups: actor.groups.map { .known(Set($0)) } ?? .unknown,
            claims: actor.claims.map { .known($0.mapValues(ClaimValue.init)) } ?? .unknown,
            mfa: actor.mfa.map { .known($0) } ?? .unknown,
            authenticatedAt: actor.authenticatedAt.map { .known($0.date) } ?? .unknown,
            address: actor.address.flatMap { IPAddress($0) })
    }
}

extension ClaimValue {
    fileprivate init(_ claim: AuditClaim) {
        self =
            switch claim {
            case .absent: .absent
            case .bool(let flag): .bool(flag)
            case .integer(let number): .int(number)
            case .string(let text): .string(text)
            case .list(let members): .list(members.map(ClaimValue.init))
            }
    }
}

extension X509Names {
    /// Names with their type before them, as the log has them; the common name is the policy's own.
    init(described names: [String]) throws {
        func named(_ type: String) -> [String] {
            names.filter { $0.hasPrefix(type) }.map { String($0.dropFirst(type.utf8.count)) }
        }
        try self.init(
            dns: named("DNS:"), ips: named("IP:").compactMap { IPAddress($0) }, emails: named("email:"), uris: named("URI:"))
    }
}
