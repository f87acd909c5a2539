// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// A person's login from one device. Its certificate proves possession; this record says whether it still counts.
package struct SessionRecord: Sendable, Equatable {
    /// The serial of the session certificate.
    package var serial: String
    package var provider: String
    /// Nil for a workload, which is no person.
    package var user: String?
    /// Nil for a local user: who they are says the user file, at every call.
    package var identity: SessionIdentity?
    /// Nil for a local user and for a workload.
    package var login: ProviderSession?
    /// SHA-256 of the DER of the session certificate.
    package var certificateDigest: [UInt8]
    package var createdAt: Date
    package var expiresAt: Date
    package var endedAt: Date?
    /// Until when its provider vouches for it, where the provider is asked again and again: whatever becomes of whoever asks, it
    /// is over then.
    package var vouchedUntil: Date?

    package init(
        serial: String, provider: String, user: String?, identity: SessionIdentity? = nil,
        login: ProviderSession? = nil, certificateDigest: [UInt8], createdAt: Date, expiresAt: Date, endedAt: Date? = nil,
        vouchedUntil: Date? = nil
    ) {
        self.serial = serial
        self.provider = provider
        self.user = user
        self.identity = identity
        self.login = login
        self.certificateDigest = certificateDigest
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.endedAt = endedAt
        self.vouchedUntil = vouchedUntil
    }

    package func isActive(at time: Date) -> Bool {
        endedAt == nil && time < expiresAt && isVouched(at: time)
    }

    package func isVouched(at time: Date) -> Bool {
        vouchedUntil.map { time < $0 } ?? true
    }
}
