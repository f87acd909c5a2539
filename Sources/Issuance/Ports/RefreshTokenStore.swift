// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Where refresh tokens live; they come with their session, in its commit, and go with it. What happens here is no act, so without
/// an event: it grants nothing that the session did not have.
package protocol RefreshTokenStore: Sendable {
    /// Those that are due, the most overdue first.
    func refreshTokens(dueAt time: Date, limit: Int) async throws -> [KeptRefreshToken]

    /// Puts `token` in the place of the one with its session and version, whose successor it is.
    /// - Parameter vouchedUntil: until when the session counts from now on; nil for no longer than before.
    /// - Returns: what is stored now; nil where somebody else was quicker, or the session is over.
    func replace(_ token: KeptRefreshToken, vouchedUntil: Date?) async throws -> KeptRefreshToken?

    /// Deletes those of sessions that have expired.
    func forgetRefreshTokens(at time: Date) async throws
}
