// SPDX-License-Identifier: Apache-2.0

import AccessRequests

import struct FoundationEssentials.Date

extension AccessReview.Grant {
    init(_ history: AccessHistory, at now: Date) {
        let request = history.request
        var verdict: String?
        if case .reviewed(let found)? = history.reviewed?.what { verdict = found.rawValue }
        // Also of a review that was closed: when it was due.
        let due = request.review.flatMap { review in
            history.claim.map { $0.at.addingTimeInterval(Double(review.within)) }
        }
        self.init(
            id: request.id, state: history.status(at: now).rawValue, who: request.requester.user, role: request.role,
            rule: request.rule, host: history.host, reason: request.reason, ticket: request.ticket, asked: request.requestedAt,
            approvedBy: history.approvals.map(\.by.user), claimed: history.claim?.at, until: history.claim?.until,
            endedBy: history.closing?.by?.user, reviewers: request.review?.reviewers, reviewDue: due,
            isOverdue: history.reviewDue.map { $0 <= now } ?? false, reviewedBy: history.reviewed?.by?.user,
            reviewedAt: history.reviewed?.time, verdict: verdict, note: history.reviewed?.note)
    }
}
