// SPDX-License-Identifier: Apache-2.0

import Policies

import struct FoundationEssentials.Date

/// The one snapshot that a decision and everything after it rest on.
struct Moment: Sendable {
    let policies: PolicySet
    /// Whole seconds.
    let now: Date
}
