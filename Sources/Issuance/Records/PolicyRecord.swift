// SPDX-License-Identifier: Apache-2.0
package import AuditLog

package import struct FoundationEssentials.Date

/// The policy set that went live last. What is older than its commit does not go live by itself.
package struct PolicyRecord: Sendable, Equatable {
    package var digest: String
    /// nil where the files are not kept in signed commits.
    package var source: AuditEvent.PolicySource?
    package var loadedAt: Date

    package init(digest: String, source: AuditEvent.PolicySource?, loadedAt: Date) {
        self.digest = digest
        self.source = source
        self.loadedAt = loadedAt
    }
}
