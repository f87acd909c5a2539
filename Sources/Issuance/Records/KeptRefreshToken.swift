// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// With which a session's provider is asked again whether the person is still who they were. When the session is over, the provider is
/// told to take it no longer, and it is forgotten.
package struct KeptRefreshToken: Sendable, Equatable {
    /// Serial of the session.
    package var session: String
    package var provider: String
    /// Encrypted, for this session alone.
    package var sealed: [UInt8]
    /// When the provider is to be asked, or asked again, or told. Whoever does sets it later first, so that nobody else does.
    package var dueAt: Date
    /// Counts the changes of this record.
    package var version: Int64
    /// When the session is over, at its time or before it.
    package var expiresAt: Date

    package init(
        session: String, provider: String, sealed: [UInt8], dueAt: Date, version: Int64 = 0, expiresAt: Date
    ) {
        self.session = session
        self.provider = provider
        self.sealed = sealed
        self.dueAt = dueAt
        self.version = version
        self.expiresAt = expiresAt
    }
}

/// How a session goes on only as long as its provider says so.
package struct SessionVouching: Sendable {
    /// How often the provider is asked, and how long a session goes on without its answer after that. Seconds.
    package let interval: Double
    package let grace: Double
    /// The refresh token, encrypted for the session of this serial.
    package let sealed: @Sendable (_ session: String) throws -> [UInt8]

    package init(interval: Double, grace: Double, sealed: @escaping @Sendable (_ session: String) throws -> [UInt8]) {
        self.interval = interval
        self.grace = grace
        self.sealed = sealed
    }
}
