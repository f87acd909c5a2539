// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
package import FoundationEssentials
package import Notifications
import Policies

/// What time alone brings about. Nothing has to run for it to hold; only to be told.
extension Authority {
    private static let pageSize = 200
    /// The last quarter of the wait, and no more than this, is when those who can approve are told again. Seconds.
    private static let longestReminder: Double = 900
    private static let day: Double = 86_400

    /// - Parameter earlier: until when it was told before.
    package func newsOfDeadlines(since earlier: Date) async throws -> [Notice] {
        guard !announcements.isEmpty else { return [] }
        let moment = Moment(policies: policies.current.set, clock: clock)
        let audience = Audience(authority: self, people: try await knownPeople(at: moment), moment: moment)
        var over = AccessFilter(limit: Self.pageSize)
        (over.closesAfter, over.closesBefore) = (earlier, moment.instant)
        var closing = AccessFilter(limit: Self.pageSize)
        (closing.closesAfter, closing.closesBefore) = (moment.instant, moment.instant + Self.longestReminder)
        var unreviewed = AccessFilter(limit: Self.pageSize)
        unreviewed.reviewDueBefore = moment.instant + Self.day
        return try await histories(matching: over).compactMap { notice(ofEnd: $0, at: moment) }
            + (try await histories(matching: closing).compactMap { notice(remindingOf: $0, for: audience) })
            + (try await histories(matching: unreviewed).compactMap { notice(ofReview: $0, for: audience) })
    }

    func histories(matching filter: AccessFilter) async throws -> [AccessHistory] {
        try await accessRecords(matching: filter).map { try AccessCase($0).history }
    }

    /// All of them, page by page.
    func accessRecords(matching filter: AccessFilter) async throws -> [AccessRecord] {
        var filter = filter
        var found: [AccessRecord] = []
        while true {
            let records = try await store.accessRecords(matching: filter)
            found += records
            guard records.count == filter.limit else { return found }
            filter.before = records.last?.number
        }
    }

    private func notice(ofEnd history: AccessHistory, at moment: Moment) -> Notice? {
        guard history.closing == nil else { return nil }
        let (who, role) = (history.request.requester.user, history.request.role)
        var news: AccessNews
        switch history.status(at: moment.instant) {
        case .expired, .void:
            news = AccessNews(kind: .accessExpired, title: "nobody approved \(role) for \(who) in time", people: [who])
        case .lapsed:
            news = AccessNews(kind: .accessExpired, title: "\(who) did not claim \(role) in time", people: [who])
        case .ended: news = AccessNews(kind: .grantEnded, title: "the time of \(who) as \(role) is over", people: [who])
        default: return nil
        }
        news.facts = [.init("At", history.closesAt.text)]
        return notice(news, of: history, at: history.closesAt)
    }

    private func notice(remindingOf history: AccessHistory, for audience: Audience) -> Notice? {
        let moment = audience.moment
        let lead = min(Double(history.request.wait) / 4, Self.longestReminder)
        guard history.status(at: moment.instant) == .pending, moment.instant >= history.waitsUntil - lead else { return nil }
        let title = "\(history.request.requester.user) still waits for \(history.request.role)"
        return notice(waiting(history, title: title, for: audience), of: history, at: history.waitsUntil - lead)
    }

    /// Before it is due, when it is, and each day after that.
    private func notice(ofReview history: AccessHistory, for audience: Audience) -> Notice? {
        guard let due = history.reviewDue, let review = history.request.review else { return nil }
        let late = audience.moment.instant.timeIntervalSince(due)
        guard late >= -min(Double(review.within) / 4, Self.day) else { return nil }
        let what = "review of \(history.request.requester.user) breaking the glass: \(history.request.role)"
        let news = AccessNews(
            kind: late < 0 ? .reviewDue : .reviewOverdue, title: late < 0 ? what + " is due" : what + " is overdue",
            facts: [
                .init("Review before", due.text), .init("Reviewed by", review.reviewers),
                .init("Review", history.command("review", "--fine --note …")),
            ], people: audience.reviewers(of: history))
        return notice(news, of: history, at: late < 0 ? due : due + (late / Self.day).rounded(.down) * Self.day)
    }

    private func notice(_ news: AccessNews, of history: AccessHistory, at time: Date) -> Notice? {
        let occasion = "\(history.request.id) \(news.title) \(AuditTime(time))"
        return announcements.notice(news, about: history, occasion: Array(occasion.utf8), at: time)
    }

    /// Requests that are open and that these policies give nothing for any more.
    func newsOfPolicies(_ set: PolicySet, at time: Date) async throws -> [Notice] {
        guard !announcements.isEmpty else { return [] }
        var open = AccessFilter(limit: Self.pageSize)
        open.openAt = time
        return try await histories(matching: open).compactMap { history in
            let request = history.request
            guard history.status(at: time).isOpen else { return nil }
            guard let change = request.change(to: set.approval(ofRule: request.rule)) else { return nil }
            let news = AccessNews(
                kind: .accessVoided, title: "the policy has changed: \(request.role) for \(request.requester.user)",
                facts: [
                    .init("Because", AccessError.ruleChanged(rule: request.rule, change).description),
                    .init("Until it is as it was", "nobody can approve it, and it gives no certificates; ask again"),
                ], people: [request.requester.user])
            let occasion = "\(request.id) \(set.digest)"
            return announcements.notice(news, about: history, occasion: Array(occasion.utf8), at: time)
        }
    }
}
