// SPDX-License-Identifier: Apache-2.0

/// Who must agree before an allow rule gives anything, and for how long that holds. Either others agree first (`steps`), or
/// the glass is broken and others look at it afterwards (`review`).
package struct ApprovalRequirement: Hashable, Sendable {
    /// More people would wait for each other for ever.
    static let maximumSteps = 10
    static let maximumCount = 20

    /// One after the other; empty only where there is a review.
    package let steps: [ApprovalStep]
    /// How long a request may wait for its approvals.
    package let wait: Duration
    /// How long after the last approval it may be claimed.
    package let claimWithin: Duration
    /// How long certificates may be taken once it is claimed; at least the rule's longest lifetime.
    package let grant: Duration
    /// nil: an approver's session is enough, where no key of theirs is known.
    package var signature: ApprovalSignature?
    package var review: ReviewRequirement?

    package var isBreakGlass: Bool { review != nil }

    var namedGroups: Set<String> { Set(steps.flatMap(\.by.groups)).union(review?.by.groups ?? []) }
}

package struct ApprovalStep: Hashable, Sendable {
    package let by: Approvers
    /// How many people, at least one.
    package let count: Int
}

/// What an approval must be signed with.
package enum ApprovalSignature: String, Sendable, CaseIterable {
    /// Any SSH key of the approver.
    case key
    /// A key on a token that was touched for it.
    case touch
}

/// Break-glass: access at once, and people who must look at it afterwards.
package struct ReviewRequirement: Hashable, Sendable {
    package let by: Approvers
    /// After the grant was claimed. An overdue review keeps the rule from being used again.
    package let within: Duration
}

/// Whose approval counts. All parts that are there must hold; in each, any of the values. Users or groups are there.
package struct Approvers: Hashable, Sendable {
    package let users: Set<String>
    /// From `*@example.com`.
    package let userDomains: Set<String>
    package let groups: Set<String>
    package let mfa: Bool?

    init(_ who: Who) {
        users = who.users
        userDomains = who.userDomains
        groups = who.groups
        mfa = who.mfa
    }

    var who: Who { Who(users: users, userDomains: userDomains, groups: groups, mfa: mfa) }
}

extension ApprovalRequirement {
    enum Kind { case byPeople, breakGlass }

    /// What a route takes together.
    var kind: Kind { isBreakGlass ? .breakGlass : .byPeople }

    /// Whether nobody gets more by this than by `other`. Which people must agree is compared step by step as it is written.
    ///
    /// INVARIANT: looks at every member. One that is forgotten is a widening that nobody is told of.
    func isWithin(_ other: ApprovalRequirement) -> Bool {
        guard claimWithin <= other.claimWithin, grant <= other.grant else { return false }
        switch (review, other.review) {
        case (let mine?, let theirs?): return mine.by == theirs.by && mine.within <= theirs.within
        // At once is more than after approval, and what was approved beforehand needs no look afterwards.
        case (_?, nil): return false
        case (nil, _?): return true
        case (nil, nil):
            return steps == other.steps && wait <= other.wait
                && (other.signature == nil || signature == other.signature || signature == .touch)
        }
    }
}
