// SPDX-License-Identifier: Apache-2.0

package import AccessRequests
package import Policies

/// Why a request for access could not be taken, or what was wanted of one could not be done.
package enum AccessError: Error, Equatable {
    /// None of this id, or none that the caller may see.
    case notFound(id: String)
    case refused(AccessRefusal)
    /// A rule gives it at once.
    case notNeeded(rule: String)
    case onlyBreakGlass(rule: String)
    case reviewOverdue(id: String, reviewers: String)
    case tooManyOpen(limit: Int)
    case startTooLate(days: Int)
    case startInThePast
    case notExtendable(AccessStatus)
    case alreadyExtended(by: String)
    /// It and its extensions have come to what the rule gives together.
    case totalReached(rule: String, total: Duration)
    /// The rule is not what it was when it was asked.
    case ruleChanged(rule: String, RuleChange)
    /// It is over. What was decided is on record, and changes nothing.
    case tooLate(AccessStatus)
    case durationOutOfRange
    case noHostToNarrow
    case hostOutside(SubjectProblem)
    case signatureNeeded
    case touchNeeded
    case signatureInvalid(String)
    /// The key is not one of the approver's.
    case keyUnknown(fingerprint: String)
    /// - Parameter why: sentences.
    case grantUnusable(_ why: String)
    /// Others changed it again and again while this was tried.
    case busy
}

/// Runs `body`; its refusal becomes an error of the authority.
func refusing(_ body: () throws(AccessRefusal) -> Void) throws(AccessError) {
    do throws(AccessRefusal) { try body() } catch { throw .refused(error) }
}

extension AccessError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let id): "there is no access request or grant `\(id)`"
        case .refused(let refusal): refusal.description
        case .notNeeded(let rule): "rule `\(rule)` gives this at once: nobody needs to approve it"
        case .onlyBreakGlass(let rule): "only rule `\(rule)` gives this, as break-glass: at once, and reviewed afterwards"
        case .reviewOverdue(let id, let reviewers):
            "the review of `\(id)` by \(reviewers) is overdue; until it is done, this is not given as break-glass"
        case .tooManyOpen(let limit): "you have \(limit) open requests already"
        case .startTooLate(let days): "it may start at most \(days) days from now"
        case .startInThePast: "it cannot start in the past"
        case .notExtendable(let status): "only a grant that is in use can be extended, and this one is \(status.rawValue)"
        case .alreadyExtended(let id): "`\(id)` asks for an extension already"
        case .totalReached(let rule, let total):
            "rule `\(rule)` gives at most \(PolicyDuration.text(total)) with all extensions, and they are used up"
        case .ruleChanged(let rule, let change): "rule `\(rule)` is not what it was when this was asked: \(change)"
        case .tooLate(let status): "this is \(status.rawValue); what you decided is on record, and changes nothing"
        case .durationOutOfRange: "the duration must be whole seconds, more than none"
        case .noHostToNarrow: "only access by SSH can be narrowed to a host"
        case .hostOutside(let problem): "nothing would be left of it: \(problem)"
        case .signatureNeeded: "the approval must be signed with your SSH key"
        case .touchNeeded: "the approval must be signed with a security key, and touched"
        case .signatureInvalid(let why): "the signature does not hold: \(why)"
        case .keyUnknown(let fingerprint): "`\(fingerprint)` is not one of your SSH keys"
        case .grantUnusable(let why): why
        case .busy: "it is being changed by others at the same time"
        }
    }
}

extension AccessRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .ownRequest: "nobody decides about their own request"
        case .notAnApprover: "you are not among those who decide about this"
        case .notTheRequester: "only whoever asked for it may do this"
        case .notAReviewer: "you are not among those who review this"
        case .alreadyDecided: "you have approved this already"
        case .alreadyApproved: "it has all approvals it needs"
        case .notYourTurn(let others): "it is not your turn yet: first \(others) must approve"
        case .wider(let limit): "an approval cannot give more than was asked: \(limit)"
        case .over(let status): "this is \(status.rawValue), and there is nothing left to decide"
        case .notWithdrawable(let status): "this is \(status.rawValue), and can no longer be withdrawn"
        case .notActive(let status): "this is not in use, but \(status.rawValue)"
        case .nothingToReview: "there is nothing to review"
        case .ownReview: "nobody reviews what they took themselves"
        }
    }
}
