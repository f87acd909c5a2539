// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.Date

/// The identity as rules see it at an instant: what the provider says, and the groups of the policy.
struct Asker {
    /// Clocks differ by this much; a login further in the future than this is no login we know of.
    static let toleratedSkewSeconds = 60.0

    let identity: Identity
    let instant: Date
    /// Those the person certainly is in, of the groups that matter to the set.
    let groups: Set<String>
    let domain: String?
    /// How long ago the person proved who they are; never negative.
    let authenticationAge: Known<Duration>

    init(_ identity: Identity, groups: Groups, at instant: Date) {
        self.identity = identity
        self.instant = instant
        self.groups = groups.holding(identity)
        domain = identity.domain
        authenticationAge = Self.age(of: identity.authenticatedAt, at: instant)
    }

    private static func age(of authentication: Known<Date>, at instant: Date) -> Known<Duration> {
        guard case .known(let date) = authentication else { return .unknown }
        // What no clock says, a provider may: only a number in range becomes a duration.
        let seconds = instant.timeIntervalSince(date)
        guard seconds >= -toleratedSkewSeconds else { return .unknown }
        return .known(.seconds(min(max(seconds, 0), Double(PolicyDuration.longest.components.seconds))))
    }
}
