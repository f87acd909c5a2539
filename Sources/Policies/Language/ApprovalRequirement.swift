// SPDX-License-Identifier: Apache-2.0

/// What must happen before an allow rule gives anything, and for how long that holds. Others agree first (`steps`), or the
/// rule itself approves what is asked (`automatic`), or the glass is broken and others look at it afterwards (`review`).
package struct ApprovalRequirement: Hashable, Sendable {
    /// More people would wait for each other for ever.
    static let maximumSteps = 10
    static let maximumCount = 20

    /// One after the other; empty only where the rule itself approves, or there is a review.
    package let steps: [ApprovalStep]
    /// How long a request may wait for its approvals.
    package let wait: Duration
    /// How long after the last approval it may be claimed.
    package let claimWithin: Duration
    /// How long certificates may be taken once it is claimed; at least the rule's longest lifetime.
    package let grant: Duration
    /// How long a grant and all that goes on from it may last together, from its first certificate on; at least `grant`.
    package let total: Duration
    /// nil: an approver's session is enough, where no key of theirs is known.
    package var signature: ApprovalSignature?
    package var recheck = ApprovalRecheck.keep
    package var review: ReviewRequirement?
    /// Nobody is asked, but somebody asks: with a reason, for a time that ends, and everybody who is to know is told.
    package var isAutomatic = false

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

/// What becomes of a grant in use once an approval that it rests on counts no longer.
package enum ApprovalRecheck: String, Sendable, CaseIterable {
    /// It gives no more certificates; those that it gave are valid to their end.
    case keep
    /// It ends, and its certificates with it.
    case revoke
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
    enum Kind { case automatic, byPeople, breakGlass }

    /// What a route takes together.
    var kind: Kind { isBreakGlass ? .breakGlass : isAutomatic ? .automatic : .byPeople }

    /// Whether nobody gets more by this than by `other`, if the same people agree: it is signed no less, reviewed no later, holds
    /// no longer, and ends as surely. Which people must agree is a question to `ApprovalOrder`.
    ///
    /// INVARIANT: looks at every member but those people. One that is forgotten is a widening that nobody is told of.
    func termsAreWithin(_ other: ApprovalRequirement) -> Bool {
        guard claimWithin <= other.claimWithin, grant <= other.grant, total <= other.total else { return false }
        switch (kind, other.kind) {
        case (_, .automatic): return true
        case (.byPeople, .byPeople):
            return wait <= other.wait && (other.recheck == .keep || recheck == .revoke)
                && (other.signature == nil || signature == other.signature || signature == .touch)
        case (.breakGlass, .breakGlass):
            guard let review, let theirs = other.review else { return false }
            return review.within <= theirs.within
        // At once is more than after approval, and what was approved beforehand needs no look afterwards.
        case (.byPeople, .breakGlass): return true
        case (.automatic, _), (.breakGlass, .byPeople): return false
        }
    }
}
