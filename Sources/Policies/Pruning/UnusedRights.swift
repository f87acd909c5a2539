// SPDX-License-Identifier: Apache-2.0

/// What a review found of the rights in a set, as far as it matters for taking some away.
package struct UnusedRights: Sendable {
    package struct Right: Sendable, Hashable {
        package let user: String
        package let rule: String
        package let role: String

        package init(user: String, rule: String, role: String) {
            (self.user, self.rule, self.role) = (user, rule, role)
        }
    }

    package struct RuleRole: Sendable, Hashable {
        package let rule: String
        package let role: String

        package init(rule: String, role: String) {
            (self.rule, self.role) = (rule, role)
        }
    }

    /// To go.
    package var unused: Set<Right>
    /// Held, and to stay: used, or not known to be unused.
    package var kept: Set<Right>
    /// Roles of rules by which nobody at all took them.
    package var byNobody: Set<RuleRole>

    package init(unused: Set<Right> = [], kept: Set<Right> = [], byNobody: Set<RuleRole> = []) {
        (self.unused, self.kept, self.byNobody) = (unused, kept, byNobody)
    }
}

/// A set without rights that were unused, and the files it is written in.
package struct PrunedPolicies: Sendable {
    /// Something taken out, in words, and where it stood.
    package struct Removal: Sendable, Hashable, Encodable {
        package let what: String
        package let place: String
    }

    /// Something that could not be taken out, and why.
    package struct Remainder: Sendable, Hashable, Encodable {
        package let what: String
        package let why: String
    }

    package let files: [PolicyFile]
    package let set: PolicySet
    package let removals: [Removal]
    package let byHand: [Remainder]
}
