// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// A person's login from one device. Its certificate proves possession; this record says whether it still counts.
package struct SessionRecord: Sendable, Equatable {
    /// The serial of the session certificate.
    package var serial: String
    package var provider: String
    package var user: String
    /// SHA-256 of the DER of the session certificate.
    package var certificateDigest: [UInt8]
    package var createdAt: Date
    package var expiresAt: Date
    package var endedAt: Date?

    package init(
        serial: String, provider: String, user: String, certificateDigest: [UInt8], createdAt: Date, expiresAt: Date,
        endedAt: Date? = nil
    ) {
        self.serial = serial
        self.provider = provider
        self.user = user
        self.certificateDigest = certificateDigest
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.endedAt = endedAt
    }

    package func isActive(at time: Date) -> Bool {
        endedAt == nil && time < expiresAt
    }
}
