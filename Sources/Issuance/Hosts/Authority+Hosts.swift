// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
package import Policies
package import SSHCertificates

/// Hosts that look after themselves: a token makes one enrol, its certificate lets it renew, a removal ends that.
extension Authority {
    /// The keys whose host certificates count.
    package var hostCAs: [SSHPublicKey] { keys.current.hosts.published }

    /// A certificate for a host that enrols or renews, if the policy gives it one today.
    package func issueHostCertificate(to host: ProvenHost, requestID: String) async throws -> IssuanceOutcome {
        if case .token(let token) = host.proof, let use = token.use { return try await reply(to: host, again: use) }
        let request = try IssuanceRequest(
            role: host.role, subject: .sshHost(host.key, host: host.name), lifetime: nil, reason: nil)
        do {
            return try await issue(request, for: Caller(host, requestID: requestID))
        } catch let refusal as CommitRefusal {
            switch refusal {
            case .tokenNotUsable:
                // Another request was first. Where it was this host's own, whose reply was lost, its certificate is the answer.
                guard case .token(let token) = host.proof,
                    let use = try await store.enrolmentToken(digest: token.digest)?.use
                else { throw EnrolmentRefusal.tokenExpired }
                return try await reply(to: host, again: use)
            case .hostNameTaken: throw EnrolmentRefusal.nameTaken(host.name.text)
            case .hostNotEnrolled: throw EnrolmentRefusal.notEnrolled(host.name.text)
            case .alreadyRevoked: throw EnrolmentRefusal.certificateRevoked
            case .challengeAlreadyUsed: throw EnrolmentRefusal.requestRepeated
            default: throw refusal
            }
        }
    }

    /// What a token gave to the same key and name before, as long as that would still be accepted.
    private func reply(to host: ProvenHost, again use: CertificateReference) async throws -> IssuanceOutcome {
        guard let record = try await store.certificate(issuer: use.issuer, serial: use.serial),
            record.publicKey == host.key.fingerprint, record.host == host.name.text, record.revokedAt == nil,
            clock.now < record.validBefore,
            let enrolled = try await store.host(named: host.name.text), enrolled.removedAt == nil,
            enrolled.publicKey == host.key.fingerprint
        else { throw EnrolmentRefusal.tokenUsed }
        return .issued(record, narrowed: [])
    }

    /// The zones of the live policy that this host is in.
    package func zones(of host: HostName) -> [String] { policies.current.set.zones(containing: host) }

    /// What a host says of itself is kept, but no event: there are many of them. What it says of sessions that had to end is
    /// one, once for each session and outcome.
    package func record(
        _ report: HostReport, _ sessions: [HostSession], of host: ProvenHost, requestID: String
    ) async throws {
        let news = try await news(in: sessions, of: host)
        guard !news.isEmpty else {
            let isRecorded = try await store.record(
                report, sessions, ofHost: host.name.text, publicKey: host.key.fingerprint)
            guard isRecorded else { throw EnrolmentRefusal.tooManyReports }
            return
        }
        var entry = try CommitEntry(events: news.map { event(of: $0, on: host, requestID: requestID) })
        entry.preconditions = [
            .hostIsEnrolled(host.name.text, publicKey: host.key.fingerprint),
            .hostSaidNothingNewer(host.name.text, than: report.time), .hostSessionsAreNews(news),
        ]
        entry.hostChange = .reported(name: host.name.text, publicKey: host.key.fingerprint, report, sessions)
        do {
            try await commit(entry)
        } catch CommitRefusal.hostNotEnrolled {
            throw EnrolmentRefusal.notEnrolled(host.name.text)
        } catch CommitRefusal.hostReportOutdated {
            throw EnrolmentRefusal.tooManyReports
        }
    }

    private func news(in sessions: [HostSession], of host: ProvenHost) async throws -> [HostSession] {
        guard !sessions.isEmpty else { return [] }
        var filter = HostSessionFilter(limit: sessions.count)
        filter.host = host.name.text
        filter.ids = sessions.map(\.id)
        let known = Dictionary(
            try await store.hostSessions(matching: filter).map { ($0.id, $0.outcome) }, uniquingKeysWith: { first, _ in first })
        return sessions.filter { known[$0.id] != $0.outcome }
    }

    private func event(of session: HostSession, on host: ProvenHost, requestID: String) -> AuditEvent {
        AuditEvent(
            time: AuditTime(clock.now), type: session.outcome.isOpen ? .sshSessionOpen : .sshSessionEnded,
            actor: .init(host.identity),
            request: .init(
                id: requestID, role: host.role, host: host.name.text, logins: [session.login], reason: session.reason),
            certificate: session.certificate.map { .init(kind: .ssh, serial: $0.serial, issuer: $0.issuer) },
            message: session.outcome.rawValue + (session.lastsUntil.map { ", lasts until \($0.formatted(.iso8601))" } ?? ""))
    }

    package func hostSessions(matching filter: HostSessionFilter) async throws -> [HostSession] {
        try await store.hostSessions(matching: filter)
    }

    /// In the order of their names.
    package func hosts(after name: String?, limit: Int) async throws -> [HostRecord] {
        try await store.hosts(after: name, limit: limit)
    }

    /// The host renews no more, and its newest certificate is revoked.
    package func removeHost(_ name: HostName, reason: String, by caller: Caller) async throws -> HostRecord {
        try AuthorizationRequest.check(reason: reason)
        guard var host = try await store.host(named: name.text), host.removedAt == nil else {
            throw AuthorityError.hostNotFound(name.text)
        }
        let now = clock.wholeSeconds
        let event = AuditEvent(
            time: AuditTime(clock.now), type: .hostRemoved, actor: .init(caller.identity, session: caller.session),
            request: .init(id: caller.requestID, role: host.role, host: host.name, reason: reason),
            policy: policies.current.set.digest,
            certificate: .init(kind: .sshHost, serial: host.certificate.serial, issuer: host.certificate.issuer))
        var entry = try CommitEntry(event: event)
        entry.preconditions = caller.preconditions + [.hostIsEnrolled(host.name, publicKey: host.publicKey)]
        entry.hostChange = .removed(name: host.name)
        let record = try await store.certificate(issuer: host.certificate.issuer, serial: host.certificate.serial)
        if let record, record.revokedAt == nil, now < record.validBefore {
            entry.revocations = [Revocation(issuer: record.issuer, serial: record.serial, time: now, reason: reason)]
        }
        do {
            try await commit(entry)
        } catch CommitRefusal.hostNotEnrolled {
            throw AuthorityError.hostNotFound(name.text)
        }
        host.removedAt = now
        return host
    }
}
