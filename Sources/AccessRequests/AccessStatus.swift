// SPDX-License-Identifier: Apache-2.0

/// Where a request and the grant it becomes stand.
package enum AccessStatus: String, Sendable, CaseIterable {
    /// Waits for approvals.
    case pending
    /// Approved, and not to be claimed before its start.
    case scheduled
    /// Approved: the first certificate claims it.
    case approved
    /// Claimed: certificates may be taken until it ends.
    case active
    /// Its time is over, or its holder was done before.
    case ended
    /// Its approvals did not come in time.
    case expired
    /// Nobody claimed it in time.
    case lapsed
    /// Approvers it rested on no longer counted when it was to be claimed, and no others came in time.
    case void
    case denied
    case cancelled
    case revoked

    /// Whether something may still come of it.
    package var isOpen: Bool {
        switch self {
        case .pending, .scheduled, .approved, .active: true
        case .ended, .expired, .lapsed, .void, .denied, .cancelled, .revoked: false
        }
    }
}
