// SPDX-License-Identifier: Apache-2.0

package import AuditLog

package import struct FoundationEssentials.Date

/// What happened to a request after it was asked.
package struct AccessEvent: Sendable, Hashable {
    package let time: Date
    /// nil: the authority itself.
    package let by: Person?
    package let note: String?
    package let what: What

    package enum What: Sendable, Hashable {
        case approved(Approval)
        /// By the rule itself.
        case approvedByRule(String)
        case denied
        case cancelled
        /// At the claim the approvals of these people counted for these steps alone, or for none.
        case voided(left: [String: Set<Int>])
        /// The first certificate: the work clock runs.
        case claimed(until: Date)
        case ended
        case revoked
        case reviewed(Verdict)
    }

    package enum Verdict: String, Sendable, CaseIterable {
        case fine
        case flagged
    }

    package init(time: Date, by: Person?, note: String? = nil, what: What) {
        self.time = time
        self.by = by
        self.note = note
        self.what = what
    }

    /// nil for an event that only mentions the request: a certificate that was issued or revoked under the grant, or a request
    /// that goes on from it.
    package init?(_ event: AuditEvent) throws(AccessEventError) {
        guard let access = event.access else { throw .notAnAccessEvent }
        let by = event.actor.flatMap { actor in actor.user.map { Person(provider: actor.provider, user: $0) } }
        switch event.type {
        case .accessApproved where access.rule != nil:
            guard by == nil, let rule = access.rule else { throw .incomplete }
            what = .approvedByRule(rule)
        case .accessApproved:
            guard let by, let actor = event.actor, let steps = access.steps else { throw .incomplete }
            what = .approved(
                Approval(
                    by: by, at: event.time.date, steps: Set(steps), duration: access.duration, host: access.host,
                    note: access.note, signature: access.signature, actor: actor))
        case .accessDenied: what = .denied
        case .accessCancelled: what = .cancelled
        case .accessVoided:
            let lost = access.lost ?? []
            let left = access.left ?? lost.map { _ in [] }
            guard left.count == lost.count else { throw .incomplete }
            what = .voided(left: Dictionary(zip(lost, left.map(Set.init))) { $0.intersection($1) })
        case .accessClaimed:
            guard let until = access.until else { throw .incomplete }
            what = .claimed(until: until.date)
        case .accessEnded: what = .ended
        case .accessRevoked: what = .revoked
        case .accessReviewed:
            guard let verdict = access.verdict.flatMap(Verdict.init(rawValue:)) else { throw .incomplete }
            what = .reviewed(verdict)
        case .certificateIssued, .certificateRevoked: return nil
        case .accessRequested where access.extends != nil: return nil
        default: throw .notAnAccessEvent
        }
        time = event.time.date
        self.by = by
        note = access.note
    }
}

/// One person's agreement.
package struct Approval: Sendable, Hashable {
    package let by: Person
    package let at: Date
    /// The steps that the person could approve then, from 0; fewer where some were lost since.
    package private(set) var steps: Set<Int>
    /// Seconds it was shortened to.
    package let duration: Int?
    /// The one host it was narrowed to.
    package let host: String?
    package let note: String?
    /// Armored SSHSIG over an `ApprovalStatement`.
    package let signature: String?
    /// Who it was, with all the provider said then.
    package let actor: AuditEvent.Actor

    package init(
        by: Person, at: Date, steps: Set<Int>, duration: Int? = nil, host: String? = nil, note: String? = nil,
        signature: String? = nil, actor: AuditEvent.Actor
    ) {
        (self.by, self.at, self.steps, self.duration, self.host) = (by, at, steps, duration, host)
        (self.note, self.signature, self.actor) = (note, signature, actor)
    }

    /// What is left of it where it counts for these steps alone.
    func counting(for steps: Set<Int>) -> Approval? {
        var approval = self
        approval.steps.formIntersection(steps)
        return approval.steps.isEmpty ? nil : approval
    }
}

extension AccessEvent {
    /// Whether somebody decides the same again, in the same words.
    package func repeats(_ other: AccessEvent) -> Bool {
        guard by == other.by, note == other.note else { return false }
        switch (what, other.what) {
        case (.approved, .approved), (.denied, .denied): return true
        default: return false
        }
    }
}
