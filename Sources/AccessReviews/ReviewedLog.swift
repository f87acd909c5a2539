// SPDX-License-Identifier: Apache-2.0

package import AccessRequests
package import AuditLog
import Issuance
package import Policies

package import struct FoundationEssentials.Date

/// An audit log folded into what a review of access needs: who was seen, what they took by which rule, what they asked for, and
/// which policies were live. Its entries are added in their order, the first one first.
package struct ReviewedLog: Sendable {
    /// Who took what by which rule. `who` is a user, or a workload by what its provider says of it.
    package struct Key: Sendable, Hashable {
        package let who: String
        package let rule: String
        package let role: String
    }

    package struct Use: Sendable, Hashable {
        /// Certificates issued in the period.
        package var times = 0
        /// Requests for approval in the period.
        package var asked = 0
        /// At any time.
        package var last: Date?
        /// Those that certificates of the period were issued under.
        package var grants: Set<String> = []

        package var isInPeriod: Bool { times > 0 || asked > 0 }
    }

    package struct Seen: Sendable, Hashable {
        /// As the provider described them last.
        package var identity: Identity
        package var last: Date
    }

    package struct PolicyLoad: Sendable, Hashable {
        package let time: Date
        package let digest: String
        package let source: AuditEvent.PolicySource?
    }

    /// The period that is reviewed: its first instant, and its end.
    package let start: Date
    package let now: Date
    package private(set) var entries = 0
    /// Entries that this version does not know, or not wholly.
    package private(set) var unreadable = 0
    package private(set) var begins: Date?
    package private(set) var policyLoads: [PolicyLoad] = []
    package private(set) var seen: [String: Seen] = [:]
    package private(set) var uses: [Key: Use] = [:]
    /// Access requests by id, as they stand after the last entry.
    package private(set) var requests: [String: AccessHistory] = [:]
    /// Issued in the period by rules that the set has not.
    package private(set) var byOtherRules = 0
    private var live: [CertificateID: Key] = [:]
    private var revoked: Set<CertificateID> = []

    private struct CertificateID: Hashable {
        let issuer: String
        let serial: String

        init(_ certificate: AuditEvent.Certificate) {
            (issuer, serial) = (certificate.issuer, certificate.serial)
        }
    }

    private let replay: PolicyReplay
    private let rules: [String: Set<String>]

    /// - Parameter set: what is reviewed. What was issued by other rules in the period counts as a use of those of its rules
    ///   that would give it today.
    package init(from start: Date, to now: Date, under set: PolicySet) {
        (self.start, self.now) = (start, now)
        replay = PolicyReplay(under: set)
        rules = Dictionary(uniqueKeysWithValues: set.ruleSummaries.map { ($0.id, Set($0.roles)) })
    }

    package mutating func add(_ leaf: String) {
        entries += 1
        guard let event = try? AuditEvent(canonical: Array(leaf.utf8)) else {
            unreadable += 1
            return
        }
        begins = begins ?? event.time.date
        if let actor = event.actor, event.type != .loginDenied { note(actor, at: event.time.date) }
        switch event.type {
        case .policyLoaded:
            if let digest = event.policy {
                policyLoads.append(PolicyLoad(time: event.time.date, digest: digest, source: event.policySource))
            }
        case .certificateIssued: addIssuance(event)
        case .certificateRevoked:
            if let certificate = event.certificate { revoked.insert(CertificateID(certificate)) }
        case .certificateReleased:
            if let certificate = event.certificate { revoked.remove(CertificateID(certificate)) }
        case .accessRequested: addRequest(event, leaf)
        default: break
        }
        if let id = event.access?.request, let happened = try? AccessEvent(event) { requests[id]?.apply(happened) }
    }

    private mutating func note(_ actor: AuditEvent.Actor, at time: Date) {
        var identity = Identity(actor)
        // Matters of the moment, not of who they are.
        (identity.mfa, identity.authenticatedAt, identity.address) = (.unknown, .unknown, nil)
        seen[Self.name(of: actor)] = Seen(identity: identity, last: time)
    }

    private mutating func addIssuance(_ event: AuditEvent) {
        guard let actor = event.actor, let rule = event.decision?.rule, let role = event.request?.role,
            let certificate = event.certificate
        else { return }
        let time = event.time.date
        let key = Key(who: Self.name(of: actor), rule: rule, role: role)
        if let end = certificate.validBefore?.date, end > now { live[CertificateID(certificate)] = key }
        guard time >= start else {
            uses[key, default: Use()].last = time
            return
        }
        use(key, at: time, under: event.access?.request)
        let isKnown = rules[rule]?.contains(role) == true
        if !isKnown { byOtherRules += 1 }
        do throws(RecordedQuestionError) {
            guard let recorded = try RecordedQuestion(event), let giver = replay.giver(of: recorded) else { return }
            let today = Key(who: key.who, rule: giver.rule, role: giver.role)
            if today != key { use(today, at: time, under: event.access?.request) }
        } catch {
            unreadable += 1
        }
    }

    private mutating func use(_ key: Key, at time: Date, under grant: String?) {
        uses[key, default: Use()].times += 1
        uses[key]?.last = time
        if let grant { uses[key]?.grants.insert(grant) }
    }

    private mutating func addRequest(_ event: AuditEvent, _ leaf: String) {
        guard let request = try? AccessRequest(document: Array(leaf.utf8)) else {
            unreadable += 1
            return
        }
        requests[request.id] = AccessHistory(request)
        let key = Key(who: request.requester.user, rule: request.rule, role: request.role)
        if request.requestedAt >= start { uses[key, default: Use()].asked += 1 }
        uses[key, default: Use()].last = request.requestedAt
    }

    /// Certificates that are still valid and not revoked, by who holds them.
    package var liveCertificates: [Key: Int] {
        live.reduce(into: [:]) { found, entry in
            if !revoked.contains(entry.key) { found[entry.value, default: 0] += 1 }
        }
    }

    /// The user; for a workload its provider and subject.
    private static func name(of actor: AuditEvent.Actor) -> String {
        if let user = actor.user { return user }
        // Hosts are known by their name, other workloads by the subject of their token.
        for claim in ["sub", "host"] {
            if case .string(let subject)? = actor.claims?[claim] { return "\(actor.provider): \(subject)" }
        }
        return "workloads of \(actor.provider)"
    }
}

extension ReviewedLog {
    /// What was live when the period began; nil where the log tells of no load before.
    package var loadAtStart: PolicyLoad? { policyLoads.last { $0.time < start } }

    /// Since when the last set has been live, restarts included.
    package var policyLiveSince: Date? {
        guard let digest = policyLoads.last?.digest else { return nil }
        return policyLoads.reversed().prefix { $0.digest == digest }.last?.time
    }

    /// How many times in the period other policies went live.
    package var policyChanges: Int {
        zip(policyLoads, policyLoads.dropFirst()).count(where: { $1.time >= start && $0.digest != $1.digest })
    }
}
