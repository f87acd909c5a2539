// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import FoundationEssentials
import Policies

/// A grant, what it goes on from, and what may go on from it: all of them together have an end, too.
struct GrantChain {
    /// The id of the grant that is to be extended.
    let last: String
    /// When the first of them was claimed.
    let since: Date
    /// The first second in which none of them gives anything.
    let latest: Date
    /// Seconds from the end of the last one.
    let left: Int

    /// - Throws: `AccessError.totalReached` when nothing is left.
    init(extending history: AccessHistory, _ offer: ApprovalOffer) throws {
        guard let claim = history.claim else { throw AccessError.notExtendable(.approved) }
        last = history.request.id
        since = history.request.since ?? Date(timeIntervalSince1970: claim.at.timeIntervalSince1970.rounded(.down))
        latest = Self.end(of: offer.approval, since: since)
        left = Int(latest.timeIntervalSince(claim.until))
        guard left > 0 else { throw AccessError.totalReached(rule: offer.rule.id, total: offer.approval.total) }
    }

    /// Under the rule as it is now.
    static func end(of requirement: ApprovalRequirement, since: Date) -> Date {
        since.addingTimeInterval(Double(requirement.total.components.seconds))
    }
}
