// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import AuditLog
import FoundationEssentials
import Notifications
import Policies

/// What people outside are told of what happens to access requests: in the transaction of the event.
extension Authority {
    /// Adds to `entry` what these events, which stand at these places among its leaves, make of a case, and who is told.
    func add(
        _ events: [(event: AuditEvent, place: Int)], on found: AccessCase, issued: Int = 0, to entry: inout CommitEntry,
        at moment: Moment
    ) async throws {
        entry.access.append(try found.change(by: events, issued: issued))
        guard !announcements.isEmpty else { return }
        var before = found.history
        for (event, _) in events {
            guard let happened = try AccessEvent(event) else { continue }
            var after = before
            after.apply(happened)
            entry.notifications += try await notices(of: event, before: before, after: after, at: moment)
            before = after
        }
    }

    /// - Parameter before: nil for the request itself.
    func notices(
        of event: AuditEvent, before: AccessHistory?, after: AccessHistory, at moment: Moment
    ) async throws -> [Notice] {
        guard !announcements.isEmpty else { return [] }
        let audience = Audience(authority: self, people: try await knownPeople(at: moment), moment: moment)
        let news =
            before.map { self.news(of: event, before: $0, after: after, for: audience) }
            ?? self.news(asking: after, for: audience)
        guard !news.isEmpty else { return [] }
        let mutual = event.type == .accessApproved ? try await mutualApprovals(of: after) : []
        let facts = mutual.map { Notice.Fact("Each approved the other", "\($0.person) asked for \($0.request)") }
        let occasion = try event.canonicalBytes
        return news.compactMap { news in
            var news = news
            news.facts += facts
            return announcements.notice(news, about: after, occasion: occasion, at: event.time.date)
        }
    }

    private func news(asking history: AccessHistory, for audience: Audience) -> [AccessNews] {
        let request = history.request
        let who = request.requester.user
        if request.isAutomatic { return [approved(history)] }
        guard let review = request.review else {
            let what = request.extends == nil ? "asks for \(request.role)" : "asks for more time as \(request.role)"
            return [waiting(history, title: "\(who) \(what)", for: audience)]
        }
        return [
            AccessNews(
                kind: .breakGlassUsed, title: "\(who) breaks the glass: \(request.role)",
                facts: [
                    .init("Reviewed by", review.reviewers), .init("Claim before", history.lapse?.text ?? ""),
                    .init("Take it away", history.command("deny", "--note …")),
                ], people: audience.reviewers(of: history))
        ]
    }

    private func news(
        of event: AuditEvent, before: AccessHistory, after: AccessHistory, for audience: Audience
    ) -> [AccessNews] {
        let request = after.request
        let (who, role) = (request.requester.user, request.role)
        switch event.type {
        case .accessApproved where before.approvedAt == nil && after.approvedAt != nil:
            return [approved(after)]
        case .accessApproved where after.approvedAt == nil && after.filledSteps > before.filledSteps:
            return [waiting(after, title: "\(who) asks for \(role): the next step", for: audience)]
        case .accessDenied where before.closing == nil && after.closing != nil:
            return [closed(after, .accessDenied, "\(role) for \(who) is denied", people: [who])]
        case .accessCancelled where before.closing == nil && after.closing != nil:
            let asked = before.approvedAt == nil ? audience.approvers(of: before) : before.approvals.map(\.by.user)
            guard event.actor?.user == who else {
                // It went on from a grant that somebody took away.
                return [
                    closed(
                        after, .accessCancelled, "the request of \(who) for more time as \(role) is over", people: asked + [who]
                    )
                ]
            }
            return [closed(after, .accessCancelled, "\(who) withdrew the request for \(role)", people: asked)]
        case .accessVoided where before.approvals != after.approvals:
            let news = AccessNews(
                kind: .accessVoided, title: "\(role) for \(who) was sent back",
                facts: event.access?.note.map { [.init("Because", $0)] } ?? [], people: [who])
            guard after.status(at: audience.moment.instant) == .pending else { return [news] }
            return [news, waiting(after, title: "\(who) asks for \(role) again", for: audience)]
        case .accessClaimed where before.claim == nil && after.claim != nil:
            return claimed(after, for: audience)
        case .accessEnded where before.closing == nil && after.closing != nil:
            return [closed(after, .grantEnded, "\(who) is done with \(role)", people: after.approvals.map(\.by.user))]
        case .accessRevoked where before.closing == nil && after.closing != nil:
            // Where nobody did it, whoever is left of those who approved, or could, hears of it too.
            let lost = Set(event.access?.lost ?? [])
            let others = event.actor == nil ? after.approvals.map(\.by.user) + audience.approversOfAnyStep(of: before) : []
            let people = Set(others).subtracting(lost).union([who]).sorted()
            return [closed(after, .grantEnded, "\(role) was taken from \(who)", people: people)]
        case .accessReviewed where before.reviewed == nil && after.reviewed != nil:
            let verdict = event.access?.verdict ?? ""
            var news = AccessNews(
                kind: .reviewed, title: "\(who) breaking the glass for \(role) was reviewed: \(verdict)", people: [who])
            news.facts = Self.facts(of: after.reviewed)
            return [news]
        default: return []
        }
    }

    func waiting(_ history: AccessHistory, title: String, for audience: Audience) -> AccessNews {
        let people = audience.approvers(of: history)
        let step = history.request.steps.dropFirst(history.filledSteps).first
        var facts = [Notice.Fact("Waits for", step?.approvers ?? "")]
        if !people.isEmpty { facts.append(.init("That is", people.joined(separator: ", "))) }
        if !history.approvals.isEmpty { facts.append(.init("Approved by", history.approverNames)) }
        facts += [
            .init("Until", history.waitsUntil.text), .init("Approve", history.command("approve")),
            .init("Deny", history.command("deny", "--note …")),
        ]
        return AccessNews(kind: .accessRequested, title: title, facts: facts, people: people)
    }

    private func approved(_ history: AccessHistory) -> AccessNews {
        let request = history.request
        var facts = [Notice.Fact("Approved by", history.approverNames)]
        facts += history.approvals.compactMap { approval in approval.note.map { .init("Note of \(approval.by.user)", $0) } }
        if let starts = request.starts { facts.append(.init("From", starts.text)) }
        facts += [.init("Claim before", history.lapse?.text ?? ""), .init("Use", history.use)]
        let what = request.extends == nil ? request.role : "more time as \(request.role)"
        return AccessNews(
            kind: .accessApproved, title: "\(what) for \(request.requester.user) is approved", facts: facts,
            people: [request.requester.user])
    }

    private func claimed(_ history: AccessHistory, for audience: Audience) -> [AccessNews] {
        let request = history.request
        let until = Notice.Fact("Until", history.claim?.until.text ?? "")
        let title = "\(request.requester.user) uses \(request.role)"
        guard let review = request.review else {
            return [
                AccessNews(
                    kind: .grantClaimed, title: title,
                    facts: [until, .init("Approved by", history.approverNames)],
                    people: history.approvals.map(\.by.user))
            ]
        }
        return [
            AccessNews(
                kind: .reviewDue, title: title + " after breaking the glass: review it",
                facts: [
                    until, .init("Reviewed by", review.reviewers), .init("Review before", history.reviewDue?.text ?? ""),
                    .init("Review", history.command("review", "--fine --note …")),
                    .init("Take it away", history.command("deny", "--note …")),
                ], people: audience.reviewers(of: history))
        ]
    }

    private func closed(
        _ history: AccessHistory, _ kind: Notice.Kind, _ title: String, people: [String]
    ) -> AccessNews {
        AccessNews(kind: kind, title: title, facts: Self.facts(of: history.closing), people: people)
    }

    private static func facts(of event: AccessEvent?) -> [Notice.Fact] {
        [("By", event?.by?.user), ("Because", event?.note)].compactMap { label, value in value.map { .init(label, $0) } }
    }
}
