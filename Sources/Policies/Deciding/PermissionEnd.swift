// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.Date

/// When a permission ends by itself, and why: no certificate is valid any longer.
struct PermissionEnd {
    enum Cause {
        /// A window closes, or someone else takes over.
        case ends(RuleReference)
        /// A `deny` rule begins to hold.
        case begins(RuleReference)
        /// It changes too often to be followed further.
        case isNotFollowed(RuleReference)
    }

    /// Seconds since 1970-01-01T00:00:00Z; the permission holds up to the second before.
    let instant: Int
    let cause: Cause

    var date: Date { Date(timeIntervalSince1970: Double(instant)) }
}

extension PermissionEnd: CustomStringConvertible {
    var description: String {
        switch cause {
        case .ends(let rule): "rule \(rule) ends at \(Timestamp.text(instant))"
        case .begins(let rule): "deny rule \(rule) begins at \(Timestamp.text(instant))"
        case .isNotFollowed(let rule): "rule \(rule) changes too often to be followed beyond \(Timestamp.text(instant))"
        }
    }
}
