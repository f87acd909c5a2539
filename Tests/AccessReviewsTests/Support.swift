// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import Foundation
import Policies
import TestSupport

@testable import AccessReviews
@testable import Issuance

/// The reviews of these tests are made then.
let now = Date(timeIntervalSince1970: 1_795_000_000)
let day = 86_400.0

let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

func person(_ user: String, groups: Set<String> = [], provider: String = "local") -> Identity {
    Identity(
        provider: provider, user: user, login: user.split(separator: "@").first.map(String.init), groups: .known(groups),
        claims: .known([:]), mfa: .known(false))
}

/// A log as the server writes it.
struct SampleLog {
    private(set) var leaves: [String] = []
    private var serial = 0

    mutating func add(_ event: AuditEvent) throws {
        leaves.append(String(decoding: try event.canonicalBytes, as: UTF8.self))
    }

    mutating func load(_ set: PolicySet, at time: Date, commit: String? = nil) throws {
        try add(
            AuditEvent(
                time: AuditTime(time), type: .policyLoaded, policy: set.digest,
                policySource: commit.map { .init(commit: $0, signer: "ops@example.com with ED25519 key SHA256:x") }))
    }

    mutating func logIn(_ identity: Identity, at time: Date) throws {
        try add(AuditEvent(time: AuditTime(time), type: .loginAllowed, actor: .init(identity)))
    }

    /// What the policies give at that time, as it would be recorded.
    /// - Returns: the rule it was issued by; nil where nothing was.
    @discardableResult
    mutating func issue(
        _ role: String, to identity: Identity, under set: PolicySet, at time: Date, host: String? = nil, reason: String? = nil,
        lifetime: Duration = .seconds(600), grant: String? = nil
    ) throws -> String? {
        let request = try AuthorizationRequest(
            role: role, what: .ssh(logins: nil, host: try host.map { try HostName($0) }), lifetime: lifetime, reason: reason)
        let permit: Permit
        switch set.decide(identity, request, at: time) {
        case .allow(let found): permit = found
        case .needsApproval(let offer):
            guard grant != nil else { return nil }
            permit = offer.permit
        case .deny: return nil
        }
        guard case .ssh(let ssh) = permit.subject else { return nil }
        serial += 1
        var event = AuditEvent(
            time: AuditTime(time), type: .certificateIssued, actor: .init(identity),
            request: .init(role: role, kind: .ssh, host: host, lifetime: Int(lifetime.components.seconds), reason: reason),
            policy: set.digest, decision: .init(result: .allow, rule: permit.rule.id),
            certificate: .init(
                kind: .ssh, serial: "\(serial)", issuer: "SHA256:ca", principals: ssh.principals,
                validAfter: AuditTime(time - Authority.backdating),
                validBefore: AuditTime(time + Double(permit.lifetime.components.seconds))))
        if let grant { event.access = .init(request: grant) }
        try add(event)
        return permit.rule.id
    }

    mutating func revokeLast(at time: Date) throws {
        try add(
            AuditEvent(
                time: AuditTime(time), type: .certificateRevoked,
                certificate: .init(kind: .ssh, serial: "\(serial)", issuer: "SHA256:ca")))
    }

    /// What `body` says of a request for access of a rule that wants an approval.
    /// - Returns: its id.
    mutating func ask(
        _ role: String, by identity: Identity, under set: PolicySet, at time: Date, reason: String, reviewers: String? = nil
    ) throws -> String {
        let request = try AuthorizationRequest(
            role: role, what: .ssh(logins: nil, host: nil), reason: reason, route: reviewers == nil ? .request : .breakGlass)
        guard case .needsApproval(let offer) = set.decide(identity, request, at: time) else { throw SampleError.notOffered }
        var access = AuditEvent.Access()
        access.approvers = offer.approval.recorded.map(\.approvers)
        access.counts = offer.approval.recorded.map(\.count)
        (access.wait, access.claimWithin, access.duration) = (3600, 3600, 3600)
        if let reviewers { (access.reviewers, access.reviewWithin) = (reviewers, Int(day)) }
        let event = AuditEvent(
            time: AuditTime(time), type: .accessRequested, actor: .init(identity),
            request: .init(role: role, kind: .ssh, reason: reason), policy: set.digest,
            decision: .init(result: .approvalNeeded, rule: offer.rule.id), access: access)
        try add(event)
        return try AccessRequest(document: try event.canonicalBytes).id
    }

    mutating func happen(
        _ type: AuditEvent.Kind, to id: String, by identity: Identity, at time: Date,
        _ change: (inout AuditEvent.Access) -> Void
    ) throws {
        var access = AuditEvent.Access(request: id)
        change(&access)
        try add(AuditEvent(time: AuditTime(time), type: type, actor: .init(identity), access: access))
    }

    enum SampleError: Error { case notOffered }

    func reviewed(_ set: PolicySet, from start: Date) -> ReviewedLog {
        var log = ReviewedLog(from: start, to: now, under: set)
        for leaf in leaves { log.add(leaf) }
        return log
    }

    func access(
        _ set: PolicySet, from start: Date, people: [Identity], baseline: ReviewedAccess.Baseline = .same
    ) -> ReviewedAccess {
        let log = reviewed(set, from: start)
        return ReviewedAccess(
            authority: "Example CA", reviewer: "lea@example.com", policies: set,
            policyLive: log.policyLiveSince ?? now, policySource: log.policyLoads.last?.source, baseline: baseline,
            people: people, log: log,
            head: .init(
                origin: "mayfly-log/example", size: UInt64(leaves.count), root: "cm9vdA==",
                checkpoint: "mayfly-log/example\n\(leaves.count)\ncm9vdA==\n\n— mayfly-log/example c2ln\n"))
    }
}

extension SeededGenerator {
    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[Int.random(in: choices.indices, using: &self)] }
}
