// SPDX-License-Identifier: Apache-2.0

package import StrictYAML

/// Where a rule is written: whoever may change that file can change the rule.
package struct RuleReference: Hashable, Sendable, CustomStringConvertible {
    package let id: String
    package let position: SourcePosition

    package var description: String { "\(position.fileAndLine) (`\(id)`)" }
}

/// Who may take which roles, from where, for how long.
struct AllowRule: Hashable, Sendable {
    let reference: RuleReference
    let condition: Condition
    /// The roles it covers, patterns resolved.
    let roles: Set<String>
    /// Always there when one of the roles issues certificates.
    let lifetime: LifetimeLimits?
    let reason: TextRequirement?
    let ticket: TextRequirement?
    /// nil: the rule gives at once.
    let approval: ApprovalRequirement?

    var namedGroups: Set<String> {
        condition.who.groups.union(approval?.namedGroups ?? [])
    }
}

struct DenyRule: Hashable, Sendable {
    let reference: RuleReference
    let condition: Condition
    let roles: Set<String>

    var namedGroups: Set<String> { condition.who.groups }
}

/// What must hold of identity, place and time. `networks` empty: anywhere. `windows` empty: always.
struct Condition: Hashable, Sendable {
    let who: Who
    var networks: [IPNetwork] = []
    var windows: [Window] = []
}

/// All parts that are there must hold; in each, any of the values.
struct Who: Hashable, Sendable {
    var isEveryone = false
    /// Exact names.
    var users: Set<String> = []
    /// From `*@example.com`.
    var userDomains: Set<String> = []
    var groups: Set<String> = []
    var provider: String?
    var claims: [ClaimRequirement] = []
    var mfa: Bool?
    /// How long ago the person may have proven themselves.
    var authenticatedWithin: Duration?

    var namesUsers: Bool { !users.isEmpty || !userDomains.isEmpty }
}

/// What a claim must be: one of these.
package struct ClaimRequirement: Hashable, Sendable {
    enum Accepted: Hashable, Sendable {
        case value(ClaimValue)
        case glob(ClaimGlob)
    }

    package let name: String
    let accepted: [Accepted]
}

struct LifetimeLimits: Hashable, Sendable {
    /// Of a certificate whose request names none.
    let standard: Duration
    let maximum: Duration
}

/// What a rule wants of the reason, or of the ticket.
struct TextRequirement: Hashable, Sendable {
    let isRequired: Bool
    let pattern: TextPattern?
}
