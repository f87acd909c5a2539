// SPDX-License-Identifier: Apache-2.0

import AuditLog

package import struct FoundationEssentials.Date

/// A request and everything that happened to it, folded. Where it stands is a question to this and the time: nothing has to
/// happen for it to expire.
///
/// INVARIANT: an event that the state at its time does not permit changes nothing. So the fold holds whoever wrote the events.
package struct AccessHistory: Sendable, Hashable {
    package let request: AccessRequest
    /// In the order in which they came, one for each person.
    package private(set) var approvals: [Approval] = []
    /// When the last approval came that it needed. A further one does not move it.
    package private(set) var approvedAt: Date?
    /// The rule that approved it by itself.
    package private(set) var approvingRule: String?
    package private(set) var claim: Claim?
    /// What ended it before its time.
    package private(set) var closing: AccessEvent?
    package private(set) var reviewed: AccessEvent?
    /// What came too late to have an effect.
    package private(set) var late: [AccessEvent] = []
    /// Whose approvals were taken away at a claim, in whole or in part.
    package private(set) var lost: Set<String> = []

    package struct Claim: Sendable, Hashable {
        package let at: Date
        /// The first second after the grant.
        package let until: Date
    }

    package init(_ request: AccessRequest) {
        self.request = request
        // The glass is broken by whoever asks; without that, nobody to approve means nobody does.
        if request.review != nil { approvedAt = request.requestedAt }
    }

    /// - Parameter leaves: of the audit log, in their order; the first is the request.
    package init(leaves: [[UInt8]]) throws(AccessEventError) {
        guard let first = leaves.first else { throw .notOneRequest }
        self.init(try AccessRequest(document: first))
        for leaf in leaves.dropFirst() {
            let event: AuditEvent
            do { event = try AuditEvent(canonical: leaf) } catch { throw .notAnAccessEvent }
            guard let access = event.access, request.id == access.request ?? access.extends else { throw .notOneRequest }
            if let happened = try AccessEvent(event) { apply(happened) }
        }
    }

    package mutating func apply(_ event: AccessEvent) {
        let status = status(at: event.time)
        switch (event.what, status) {
        case (.approved(let approval), .pending):
            guard approval.by.user != request.requester.user,
                !approvals.contains(where: { $0.by.user == approval.by.user })
            else { return }
            approvals.append(approval)
            if approvedAt == nil, hasQuorum { approvedAt = event.time }
        case (.approvedByRule(let rule), .pending) where request.isAutomatic && rule == request.rule:
            (approvedAt, approvingRule) = (event.time, rule)
        case (.denied, .pending): closing = event
        case (.cancelled, .pending), (.cancelled, .scheduled), (.cancelled, .approved): closing = event
        case (.voided(let left), .scheduled), (.voided(let left), .approved):
            approvals = approvals.compactMap { approval in
                left[approval.by.user].map { approval.counting(for: $0) } ?? approval
            }
            lost.formUnion(left.keys)
            approvedAt = hasQuorum ? approvedAt : nil
        case (.claimed(let until), .approved): claim = Claim(at: event.time, until: until)
        case (.ended, .active): closing = event
        case (.revoked, .scheduled), (.revoked, .approved), (.revoked, .active): closing = event
        case (.reviewed, _) where isReviewOpen: reviewed = event
        default: late.append(event)
        }
    }

    private var hasQuorum: Bool {
        request.review != nil || (!request.steps.isEmpty && filledSteps == request.steps.count)
    }

    /// How many steps are done.
    package var filledSteps: Int {
        Quorum.filledSteps(counts: request.steps.map(\.count), voters: approvals.map(\.steps))
    }
}

extension AccessHistory {
    package func status(at time: Date) -> AccessStatus {
        if let closing {
            return switch closing.what {
            case .denied: .denied
            case .cancelled: .cancelled
            case .revoked: .revoked
            default: .ended
            }
        }
        if let claim { return time < claim.until ? .active : .ended }
        if let start, let lapse {
            guard time >= start else { return .scheduled }
            return time < lapse ? .approved : .lapsed
        }
        guard time >= waitsUntil else { return .pending }
        return lost.isEmpty ? .expired : .void
    }

    package var waitsUntil: Date { request.requestedAt.addingTimeInterval(Double(request.wait)) }

    /// The first second in which it may be claimed.
    package var start: Date? { approvedAt.map { max($0, request.starts ?? $0) } }

    /// The first second in which it can no longer be claimed.
    package var lapse: Date? { start.map { $0.addingTimeInterval(Double(request.claimWithin)) } }

    /// When it is over if nothing happens to it.
    package var closesAt: Date { closing?.time ?? claim?.until ?? lapse ?? waitsUntil }

    /// Seconds the work clock runs: everybody can shorten it, nobody lengthen.
    package var duration: Int { approvals.compactMap(\.duration).reduce(request.duration, min) }

    /// The one host, of the request or as an approver narrowed it.
    package var host: String? { request.host ?? approvals.compactMap(\.host).first }

    /// When the review of what was taken as break-glass is due; nil where there is nothing to review, or it was.
    package var reviewDue: Date? {
        guard let review = request.review, let claim, reviewed == nil else { return nil }
        return claim.at.addingTimeInterval(Double(review.within))
    }

    private var isReviewOpen: Bool { reviewDue != nil }
}
