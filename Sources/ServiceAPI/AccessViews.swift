// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// An access request and the grant it becomes, as they stand now.
package struct AccessView: Codable, Sendable {
    /// Of the request and of the grant.
    package var id: String
    /// `pending`, `scheduled`, `approved`, `active`, `ended`, `expired`, `lapsed`, `void`, `denied`, `cancelled`, `revoked`.
    package var state: String
    package var requester: String
    package var requestedAt: Date
    package var role: String
    package var rule: String
    package var kind: CertificateKind
    package var host: String?
    package var logins: [String]?
    package var names: [String]?
    /// Whole seconds, as the shortest of all who had a say.
    package var duration: Int
    /// Where approvers give less.
    package var asked: AccessAsked?
    package var reason: String?
    package var ticket: String?
    /// Who must agree, one step after the other.
    package var steps: [AccessStep]
    package var approvals: [AccessApproval]
    /// The rule that approved it by itself.
    package var approvedByRule: String?
    /// People who could decide now, as far as the server can list them: whose approval would count, or who review.
    package var canDecide: [String]
    package var breakGlass: Bool
    /// Of what was taken as break-glass, as the rule says it.
    package var reviewers: String?
    package var extends: String?
    /// Until when it waits for its approvals.
    package var waitsUntil: Date?
    package var starts: Date?
    /// Until when it must be claimed.
    package var claimBefore: Date?
    /// The first second after the grant.
    package var until: Date?
    /// Whoever ended it before its time, when, and why.
    package var closed: AccessDecision?
    package var reviewDue: Date?
    package var reviewed: AccessDecision?
    /// How many certificates were issued under it.
    package var certificates: Int

    package init(
        id: String, state: String, requester: String, requestedAt: Date, role: String, rule: String, kind: CertificateKind,
        host: String?, logins: [String]?, names: [String]?, duration: Int, reason: String?, ticket: String?,
        steps: [AccessStep], approvals: [AccessApproval], canDecide: [String], breakGlass: Bool, extends: String?,
        waitsUntil: Date?, starts: Date?, claimBefore: Date?, until: Date?, closed: AccessDecision?, reviewDue: Date?,
        reviewed: AccessDecision?, certificates: Int, approvedByRule: String? = nil,
        asked: AccessAsked? = nil, reviewers: String? = nil
    ) {
        (self.id, self.state, self.requester, self.requestedAt) = (id, state, requester, requestedAt)
        (self.role, self.rule, self.kind, self.host, self.logins, self.names) = (role, rule, kind, host, logins, names)
        (self.duration, self.reason, self.ticket, self.steps) = (duration, reason, ticket, steps)
        (self.approvals, self.canDecide, self.breakGlass, self.extends) = (approvals, canDecide, breakGlass, extends)
        (self.waitsUntil, self.starts, self.claimBefore, self.until) = (waitsUntil, starts, claimBefore, until)
        (self.approvedByRule, self.asked, self.reviewers) = (approvedByRule, asked, reviewers)
        (self.closed, self.reviewDue, self.reviewed, self.certificates) = (closed, reviewDue, reviewed, certificates)
    }

    enum CodingKeys: String, CodingKey {
        case id, state, requester, role, rule, kind, host, logins, names, duration, reason, ticket, steps, approvals, extends
        case starts, until, closed, reviewed, certificates, asked, reviewers
        case requestedAt = "requested_at"
        case approvedByRule = "approved_by_rule"
        case canDecide = "can_decide"
        case breakGlass = "break_glass"
        case waitsUntil = "waits_until"
        case claimBefore = "claim_before"
        case reviewDue = "review_due"
    }
}

/// What an approver gave less of.
package struct AccessAsked: Codable, Sendable {
    /// Whole seconds.
    package var duration: Int
    /// nil: every host that the role reaches.
    package var host: String?

    package init(duration: Int, host: String?) {
        (self.duration, self.host) = (duration, host)
    }
}

package struct AccessStep: Codable, Sendable {
    /// As the rule says it, with the number of people.
    package var approvers: String
    package var count: Int
    /// How many of them have agreed.
    package var agreed: Int
    package var isDone: Bool

    package init(approvers: String, count: Int, agreed: Int, isDone: Bool) {
        (self.approvers, self.count, self.agreed, self.isDone) = (approvers, count, agreed, isDone)
    }

    enum CodingKeys: String, CodingKey {
        case approvers, count, agreed
        case isDone = "done"
    }
}

package struct AccessApproval: Codable, Sendable {
    package var by: String
    package var at: Date
    package var duration: Int?
    package var host: String?
    package var note: String?
    /// Fingerprint of the SSH key that signed it.
    package var signedBy: String?

    package init(by: String, at: Date, duration: Int?, host: String?, note: String?, signedBy: String?) {
        (self.by, self.at, self.duration, self.host, self.note, self.signedBy) = (by, at, duration, host, note, signedBy)
    }

    enum CodingKeys: String, CodingKey {
        case by, at, duration, host, note
        case signedBy = "signed_by"
    }
}

package struct AccessDecision: Codable, Sendable {
    package var by: String?
    package var at: Date
    package var verdict: AccessVerdict?
    package var note: String?

    package init(by: String?, at: Date, verdict: AccessVerdict?, note: String?) {
        (self.by, self.at, self.verdict, self.note) = (by, at, verdict, note)
    }
}

/// One request with everything that belongs to it. `events` are its leaves of the audit log, in their order; the first is the
/// document that approvers sign.
package struct AccessDetail: Codable, Sendable {
    package var access: AccessView
    package var events: [String]
    package var certificates: [CertificateSummary]
    /// SSH sessions of these certificates that hosts ended, or could not end; newest first.
    package var sessions: [HostSessionSummary]
    package var mutual: [AccessMutualApproval]

    package init(
        access: AccessView, events: [String], certificates: [CertificateSummary], sessions: [HostSessionSummary],
        mutual: [AccessMutualApproval]
    ) {
        (self.access, self.events, self.certificates, self.sessions) = (access, events, certificates, sessions)
        self.mutual = mutual
    }
}

/// An approver of this request whose own request was approved, not long before or after, by whoever asked for this one.
package struct AccessMutualApproval: Codable, Sendable {
    /// The approver.
    package var by: String
    /// The approver's own request, and when it was approved.
    package var request: String
    package var at: Date

    package init(by: String, request: String, at: Date) {
        (self.by, self.request, self.at) = (by, request, at)
    }
}

/// A page, newest first. `next` is the `before` of the following page.
package struct AccessList: Codable, Sendable {
    package var requests: [AccessView]
    package var next: Int?

    package init(requests: [AccessView], next: Int?) {
        (self.requests, self.next) = (requests, next)
    }
}
