// SPDX-License-Identifier: Apache-2.0

package import AccessRequests
import AuditLog
import FoundationEssentials
import Policies

/// An access request as it stands: its record, and the fold over its events.
package struct AccessCase: Sendable {
    package let record: AccessRecord
    package private(set) var history: AccessHistory

    init(_ record: AccessRecord) throws(AccessEventError) {
        self.record = record
        history = try AccessHistory(leaves: record.leaves)
    }

    /// What was decided on this holds only while nothing else happened to it.
    /// - Parameter alone: also no certificate was issued under it.
    func isUnchanged(alone: Bool = false) -> Precondition {
        .accessIsAt(id: record.summary.id, version: record.version, issued: alone ? record.issued : nil)
    }

    /// How it stands after `events`, which are at these places among the leaves of an entry.
    func change(by events: [(event: AuditEvent, place: Int)], issued: Int = 0) throws -> AccessChange {
        var after = history
        for (event, _) in events {
            if let happened = try AccessEvent(event) { after.apply(happened) }
        }
        return AccessChange(summary: AccessSummary(after), events: events.map(\.place), issued: issued)
    }
}

extension AccessSummary {
    init(_ history: AccessHistory) {
        let request = history.request
        func roundedUp(_ date: Date) -> Date { Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.up)) }
        self.init(
            id: request.id, provider: request.requester.provider, user: request.requester.user, role: request.role,
            rule: request.rule, requestedAt: request.requestedAt, extends: request.extends, isRechecked: request.isRechecked,
            closesAt: roundedUp(history.closesAt), reviewDue: history.reviewDue.map(roundedUp))
    }
}

extension Person {
    init?(_ caller: Caller) {
        guard let user = caller.identity.user else { return nil }
        self.init(provider: caller.identity.provider, user: user)
    }
}

extension AccessRequest {
    /// The question to the policy that this was asked with.
    var subject: AuthorizationRequest.Subject {
        get throws {
            switch kind {
            case .ssh: .ssh(logins: logins, host: try host.map { try HostName($0) })
            case .sshHost: .sshHost(host: try HostName(host ?? ""))
            case .x509: .x509(names: try names.map { try X509Names(described: $0) })
            case .session, .server: throw AccessEventError.incomplete
            }
        }
    }

    /// What its rule wants now in place of what it wanted then; nil: the same people's approval.
    /// - Parameter requirement: of the rule as it is; nil where that wants none.
    func change(to requirement: ApprovalRequirement?) -> RuleChange? {
        guard let requirement else { return .gone }
        let (then, now) = (
            Demand(steps: steps, isAutomatic: isAutomatic, reviewers: review?.reviewers),
            Demand(
                steps: requirement.recorded, isAutomatic: requirement.isAutomatic,
                reviewers: requirement.review?.by.description)
        )
        return then == now ? nil : .otherApprovals(then: then.description, now: now.description)
    }

    /// Whose approval a rule wants, as the log keeps it.
    private struct Demand: Equatable, CustomStringConvertible {
        let steps: [Step]
        let isAutomatic: Bool
        let reviewers: String?

        var description: String {
            if isAutomatic { return "nobody's approval" }
            if let reviewers { return "a review by \(reviewers)" }
            return "approval by " + steps.map(\.approvers).joined(separator: ", then ")
        }
    }

    /// What approvals must be signed with, in the words of the policy: as it was when this was asked, and as it is.
    func signatures(under requirement: ApprovalRequirement?) -> [String] {
        [signed, requirement?.signature?.rawValue].compactMap(\.self)
    }
}

/// How a rule differs from what it was when somebody asked.
package enum RuleChange: Equatable, Sendable {
    /// Or it gives at once.
    case gone
    case otherApprovals(then: String, now: String)
    /// Rights, and restrictions that are no more.
    case more([String])
}

extension RuleChange: CustomStringConvertible {
    private static let mostListed = 5

    package var description: String {
        switch self {
        case .gone: return "it is gone, or needs no approval"
        case .otherApprovals(let then, let now): return "it wanted \(then), and wants \(now)"
        case .more(let gains):
            let others = gains.count - Self.mostListed
            return "it gives more: " + gains.prefix(Self.mostListed).joined(separator: ", ")
                + (others > 0 ? ", and \(others) more" : "")
        }
    }
}

extension AuthorizationRequest {
    /// The one host of an SSH user certificate.
    var host: HostName? {
        if case .ssh(_, let host) = what { host } else { nil }
    }
}

extension ApprovalRequirement {
    /// As the log keeps it.
    var recorded: [AccessRequest.Step] {
        steps.map { AccessRequest.Step(approvers: $0.description, count: $0.count) }
    }
}

extension AuditEvent.CertificateKind {
    init(_ subject: AuthorizationRequest.Subject) {
        self =
            switch subject {
            case .ssh: .ssh
            case .sshHost: .sshHost
            case .x509: .x509
            }
    }
}
