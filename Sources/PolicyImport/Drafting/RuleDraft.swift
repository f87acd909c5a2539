// SPDX-License-Identifier: Apache-2.0

/// A rule that gives roles.
struct RuleDraft {
    let id: String
    let who: WhoDraft
    let roles: [String]
    let lifetime: LifetimeDraft
}

struct LifetimeDraft: Hashable {
    let standard: Duration
    let maximum: Duration

    /// - Parameter standard: cut to the maximum; an hour, as the policy language has it, when nothing is said.
    init(standard: Duration?, maximum: Duration) {
        self.maximum = maximum
        self.standard = min(standard ?? .seconds(3_600), maximum)
    }
}

/// Who may take the roles. At least one part is there.
struct WhoDraft: Hashable {
    enum ClaimValue: Hashable {
        /// `*` in it is a pattern.
        case text(String)
        case flag(Bool)
        case number(Int)
    }

    struct Claim: Hashable {
        let name: String
        let values: [ClaimValue]
    }

    var provider: String?
    /// Names, and all of a domain, `*@example.com`.
    var users: [String] = []
    var groups: [String] = []
    var claim: Claim?
}
