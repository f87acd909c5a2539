// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// A provider's word that a login is over (OpenID Connect Back-Channel Logout §2.4). It names the subject, the session, or both.
package struct LogoutToken: Sendable {
    package let subject: String?
    /// `sid`; nil where all sessions of the subject are meant.
    package let session: String?
    package let issued: Date
    package let expires: Date
    /// As of `VerifiedToken`.
    package let uniqueID: String
}
