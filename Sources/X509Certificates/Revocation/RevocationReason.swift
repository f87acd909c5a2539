// SPDX-License-Identifier: Apache-2.0

/// Why a certificate was revoked, by its number in RFC 5280 §5.3.1. `aACompromise` is left out: we issue no attribute
/// certificates.
package enum RevocationReason: UInt8, Sendable, CaseIterable {
    /// Never written: the reason is left out instead (RFC 5280 §5.3.1).
    case unspecified = 0
    case keyCompromise
    case authorityCompromise
    case affiliationChanged
    case superseded
    case cessationOfOperation
    case certificateHold
    /// No reason, but the end of one: only in delta lists.
    case removeFromList = 8
    case privilegeWithdrawn
}
