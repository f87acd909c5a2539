// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

extension PolicySet {
    /// Whether the approval of `identity` counts for a step; what is unknown does not. That people never count for their
    /// own requests is for the caller to keep.
    package func isApprover(_ identity: Identity, of step: ApprovalStep, at instant: Date) -> Bool {
        Condition(who: step.by.who)
            .certainlyHolds(Asker(identity, groups: groups, at: instant))
    }
}
