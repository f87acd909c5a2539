// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import SSHCertificates
import Storage
import Synchronization
import Testing
import X509Certificates

@testable import Issuance

/// Engineers ask for a shell: one lead must agree. For the database it takes a lead and two of the board.
let accessPolicy = """
    version: 1
    zones:
      web: {hosts: ["web*.example.com"]}
      db: {hosts: ["db*.example.com"]}
    roles:
      shell: {ssh: {logins: [deploy, root], zones: [web], extensions: [pty]}}
      db: {ssh: {logins: [postgres], zones: [db]}}
      client: {x509: {usage: [client], common_name: "{user.login}"}}
      rescue: {ssh: {logins: [root], zones: [db]}}
      quick: {ssh: {logins: [deploy], zones: [db]}}
      revoker: {capabilities: [certificates.revoke]}
      auditor: {capabilities: [audit.read]}
    allow:
      - id: ask
        who: {groups: [engineers]}
        roles: [shell, client]
        lifetime: {default: 10m, max: 1h}
        approval: {steps: [{by: {groups: [leads, admins]}}], wait: 30m, claim_within: 10m, grant: 2h}
      - id: ask-board
        who: {groups: [engineers]}
        roles: [db]
        lifetime: {max: 1h}
        reason: {required: true, pattern: '^INC-'}
        approval: {steps: [{by: {groups: [leads]}}, {by: {groups: [board]}, count: 2}], wait: 30m, claim_within: 10m, recheck: revoke}
      - id: glass
        who: {groups: [engineers]}
        roles: [rescue]
        lifetime: {max: 30m}
        approval: {review: {by: {groups: [security]}, within: 1d}, claim_within: 5m}
      - id: quick-by-leads
        who: {groups: [engineers]}
        roles: [quick]
        lifetime: {max: 1h}
        approval: {steps: [{by: {groups: [leads]}}], wait: 30m, claim_within: 10m, grant: 90m, recheck: revoke}
      - id: duty
        who: {groups: [duty]}
        roles: [quick]
        lifetime: {max: 20m}
        approval: {automatic: true, claim_within: 10m, grant: 30m}
      - {id: admins, who: {groups: [admins]}, roles: [revoker]}
      - {id: security, who: {groups: [security]}, roles: [auditor]}
    deny:
      - {id: contractors-keep-out, who: {groups: [contractors]}, roles: ["*"]}

    """

extension TestCA {
    private static let requests = Mutex(0)

    static func access(announcements: Announcements = .none) async throws -> TestCA {
        try await TestCA(policy: accessPolicy, sessionLife: 400 * 86_400, announcements: announcements)
    }

    /// As another node, or this one after it was started again.
    func anotherAuthority(after other: Authority? = nil) throws -> Authority {
        let keys = try TestKeys.shared.get()
        return Authority(
            policies: PolicyHolder((other ?? authority).policies.current.set, loadedAt: clock.now),
            keys: KeyRing(
                users: try SSHAuthority(signer: userSigner, store: store),
                hosts: try SSHAuthority(signer: keys.hosts, store: store),
                workloads: WorkloadAuthority(try X509Authority(certificate: issuing, signer: keys.issuing))),
            service: ServiceAuthority(try X509Authority(certificate: service, signer: keys.service)), store: store,
            clock: clock, ceilings: .standard, directory: people)
    }

    /// This one after it was started again, with the CA keys as they are on record.
    func restarted() async throws -> Authority {
        let keys = try TestKeys.shared.get()
        return Authority(
            policies: PolicyHolder(authority.policies.current.set, loadedAt: clock.now),
            keys: try await KeyRing(
                in: store, vault: vault,
                firstIssuing: { try X509Authority(certificate: issuing, signer: keys.issuing) }, status: { _ in .none },
                now: clock.now),
            vault: vault, service: ServiceAuthority(try X509Authority(certificate: service, signer: keys.service)),
            store: store, clock: clock, ceilings: .standard, directory: people)
    }

    /// With the groups of now, as a session that asks now.
    func caller(_ person: Person, keys: [SSHPublicKey] = [], key: String? = nil) -> Caller {
        let number = Self.requests.withLock { number in
            number += 1
            return number
        }
        return Caller(
            identity: people.identity(of: person), session: person.session, requestID: "request-\(number)",
            idempotencyKey: key.map { IdempotencyKey(key: $0, requestDigest: []) }, keys: keys,
            isStillKnown: { [people] in people.groups(of: person) != nil })
    }

    func ask(
        _ role: String = "shell", by person: Person = .ana, host: String? = nil, logins: [String]? = nil,
        duration: Duration? = nil, reason: String? = "INC-1", starts: Date? = nil, breakGlass: Bool = false
    ) async throws -> String {
        let subject: AuthorizationRequest.Subject =
            role == "client" ? .x509(names: nil) : .ssh(logins: logins, host: try host.map { try HostName($0) })
        return try await authority.requestAccess(
            AccessQuestion(
                role: role, subject: subject, duration: duration, reason: reason, ticket: nil, starts: starts,
                isBreakGlass: breakGlass), for: caller(person)
        ).history.request.id
    }

    /// One after the other.
    func askMany(_ count: Int) async throws -> [String] {
        var ids: [String] = []
        for _ in 0..<count { ids.append(try await ask()) }
        return ids
    }

    /// Somebody logs in with an identity provider.
    func logIn(_ name: String, groups: Set<String>, provider: String = "sso") async throws -> Caller {
        let identity = Identity(
            provider: provider, user: name, groups: .known(groups), claims: .known([:]), mfa: .known(false))
        let session = Self.requests.withLock { number in
            number += 1
            return String(repeating: "f", count: 26) + String(1_000_000 + number).suffix(6)
        }
        var entry = try CommitEntry(event: AuditEvent(time: AuditTime(clock.now), type: .loginAllowed))
        entry.session = SessionRecord(
            serial: session, provider: provider, user: name, identity: try SessionIdentity(storing: identity),
            certificateDigest: [], createdAt: clock.now, expiresAt: clock.now + 3600)
        _ = try await store.base.commit([entry])
        return Caller(
            identity: identity, session: session, requestID: "request-" + session, idempotencyKey: nil, isStillKnown: { true })
    }

    @discardableResult
    func approve(_ id: String, by person: Person = .lea, duration: Duration? = nil, host: String? = nil) async throws
        -> AccessStatus
    {
        _ = try await authority.approveAccess(
            id, ApprovalGiven(duration: duration, host: try host.map { try HostName($0) }), by: caller(person))
        return try await status(id)
    }

    func status(_ id: String) async throws -> AccessStatus {
        try await authority.accessCase(id).history.status(at: clock.now)
    }

    /// More time for Ana after this grant.
    func extend(_ id: String, by seconds: Int? = nil, through server: Authority? = nil) async throws -> String {
        try await (server ?? authority).requestExtension(
            of: id, duration: seconds.map { .seconds($0) }, reason: nil, for: caller(.ana)
        ).history.request.id
    }

    /// An event on a request that nobody was asked about.
    func write(_ type: AuditEvent.Kind, on id: String, by person: Person) async throws {
        let moment = Moment(policies: authority.policies.current.set, clock: clock)
        let found = try await authority.accessCase(id)
        let event = authority.event(type, of: found, by: caller(person), at: moment)
        #expect(try await authority.write(event, to: found, by: caller(person), at: moment))
    }

    func history(_ id: String) async throws -> AccessHistory { try await authority.accessCase(id).history }

    func take(
        _ role: String = "shell", by person: Person = .ana, host: String? = nil, logins: [String]? = nil,
        lifetime: Duration? = nil, grant: String? = nil, key: String? = nil
    ) async throws -> IssuanceOutcome {
        let subject: IssuanceRequest.Subject =
            role == "client"
            ? .x509(try signingRequest()) : .ssh(try .new(), logins: logins, host: try host.map { try HostName($0) })
        let request = try IssuanceRequest(role: role, subject: subject, lifetime: lifetime, reason: nil, grant: grant)
        return try await authority.issue(request, for: caller(person, key: key))
    }

    /// Why nothing was given: for each grant that could have been meant. Nil where something else came of it.
    func reasons(
        _ role: String = "shell", by person: Person = .ana, host: String? = nil, logins: [String]? = nil,
        grant: String? = nil
    ) async throws -> [String]? {
        try await take(role, by: person, host: host, logins: logins, grant: grant).grantReasons
    }

    /// What was issued under a grant, oldest first.
    func certificates(of id: String) async throws -> [CertificateRecord] {
        try await authority.certificates(ofGrant: id).reversed()
    }

    func load(_ change: (String) -> String) throws {
        authority.policies.replace(with: try Self.policySet(change(accessPolicy)), from: nil, at: clock.now)
    }
}

extension IssuanceOutcome {
    /// Why the grants of whoever asked do not do; nil where something else came of it.
    var grantReasons: [String]? {
        switch self {
        case .approvalNeeded(let needed): needed.grants
        case .denied(let refusal): refusal.grants
        case .issued: nil
        }
    }
}
