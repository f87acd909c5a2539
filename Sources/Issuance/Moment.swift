// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import Policies

/// The one snapshot that a decision and everything after it rest on.
struct Moment: Sendable {
    let policies: PolicySet
    /// Whole seconds.
    let now: Date
    /// The same in the precision of the log: what stands in events, and what they are folded by.
    let instant: Date

    init(policies: PolicySet, clock: any WallClock) {
        self.policies = policies
        instant = AuditTime(clock.now).date
        now = Date(timeIntervalSince1970: instant.timeIntervalSince1970.rounded(.down))
    }
}
