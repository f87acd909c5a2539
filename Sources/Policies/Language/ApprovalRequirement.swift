// SPDX-License-Identifier: Apache-2.0

/// Who must agree before an allow rule gives anything, and for how long that holds.
package struct ApprovalRequirement: Hashable, Sendable {
    /// More people would wait for each other for ever.
    static let maximumSteps = 10
    static let maximumCount = 20

    /// Never empty; one after the other.
    package let steps: [ApprovalStep]
    /// How long a request may wait for its approvals.
    package let wait: Duration
    /// How long after the last approval it may be claimed.
    package let claimWithin: Duration
    /// How long certificates may be taken once it is claimed; at least the rule's longest lifetime.
    package let grant: Duration
}

package struct ApprovalStep: Hashable, Sendable {
    package let by: Approvers
    /// How many people, at least one.
    package let count: Int
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
