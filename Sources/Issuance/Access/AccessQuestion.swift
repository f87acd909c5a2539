// SPDX-License-Identifier: Apache-2.0

package import Policies

package import struct FoundationEssentials.Date

/// What somebody asks others to agree to, in values that are valid by type.
package struct AccessQuestion: Sendable {
    package let role: String
    package let subject: AuthorizationRequest.Subject
    /// How long certificates may be taken; nil: as long as the rule gives.
    package let duration: Duration?
    package let reason: String?
    package let ticket: String?
    package let starts: Date?
    /// At once, to be reviewed afterwards.
    package let isBreakGlass: Bool

    package init(
        role: String, subject: AuthorizationRequest.Subject, duration: Duration?, reason: String?, ticket: String?,
        starts: Date? = nil, isBreakGlass: Bool = false
    ) {
        (self.role, self.subject, self.duration, self.reason) = (role, subject, duration, reason)
        (self.ticket, self.starts, self.isBreakGlass) = (ticket, starts, isBreakGlass)
    }
}

/// One person's agreement, as it is given.
package struct ApprovalGiven: Sendable {
    package let duration: Duration?
    package let host: HostName?
    package let note: String?
    /// Armored SSHSIG over the `ApprovalStatement` of exactly this.
    package let signature: String?

    package init(duration: Duration? = nil, host: HostName? = nil, note: String? = nil, signature: String? = nil) {
        (self.duration, self.host, self.note, self.signature) = (duration, host, note, signature)
    }
}
