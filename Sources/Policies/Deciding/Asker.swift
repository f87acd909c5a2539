// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.Date

/// The identity as rules see it at an instant: what the provider says, and the groups of the policy.
struct Asker {
    /// Clocks differ by this much; a login further in the future than this is no login we know of.
    static let toleratedSkewSeconds = 60.0

    let identity: Identity
    /// Seconds since 1970-01-01T00:00:00Z.
    let second: Int
    /// Those the person certainly is in, of the groups that matter to the set.
    let groups: Set<String>
    /// Rotations of the policy, whether it is their turn or not.
    let turns: [Turns]
    let domain: String?
    /// How long ago the person proved who they are; never negative.
    let authenticationAge: Known<Duration>
    private let directory: Groups

    init(_ identity: Identity, groups: Groups, at instant: Date) {
        self.identity = identity
        directory = groups
        second = Timestamp.seconds(instant)
        self.groups = groups.holding(identity, at: second)
        turns = groups.turns(of: identity)
        domain = identity.domain
        authenticationAge = Self.age(of: identity.authenticatedAt, at: instant)
    }

    private init(_ asker: Asker, at second: Int) {
        (identity, directory, turns, domain) = (asker.identity, asker.directory, asker.turns, asker.domain)
        authenticationAge = asker.authenticationAge
        self.second = second
        groups = turns.isEmpty ? asker.groups : directory.holding(identity, at: second)
    }

    /// At another instant, with the login as fresh as it is.
    func moved(to second: Int) -> Asker { Asker(self, at: second) }

    /// The groups they are in at one time or another.
    var groupsAtAnyTime: Set<String> { turns.reduce(into: groups) { $0.formUnion($1.groups) } }

    /// Why they are in none of these groups, which the policy and the provider know.
    func mismatch(groups wanted: Set<String>) -> Mismatch {
        let inTurn = turns.reduce(into: Set<String>()) { $0.formUnion($1.groups.intersection(wanted)) }
        return inTurn.isEmpty ? .notInGroups(wanted) : .notOnDuty(inTurn)
    }

    private static func age(of authentication: Known<Date>, at instant: Date) -> Known<Duration> {
        guard case .known(let date) = authentication else { return .unknown }
        // What no clock says, a provider may: only a number in range becomes a duration.
        let seconds = instant.timeIntervalSince(date)
        guard seconds >= -toleratedSkewSeconds else { return .unknown }
        return .known(.seconds(min(max(seconds, 0), Double(PolicyDuration.longest.components.seconds))))
    }
}
