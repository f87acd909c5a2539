// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Where refresh tokens live; they come with their session, in its commit, and with its end, in that commit, they are due to be
/// revoked. What happens here is no act, so without an event: it grants nothing that the session did not have.
package protocol RefreshTokenStore: Sendable {
    /// Those that are due, the most overdue first.
    func refreshTokens(dueAt time: Date, limit: Int) async throws -> [KeptRefreshToken]

    /// Puts `token` in the place of the one with its session and version, whose successor it is.
    /// - Parameter vouchedUntil: until when the session counts from now on; nil for no longer than before.
    /// - Returns: what is stored now; nil where somebody else was quicker, or the session was ended.
    func replace(_ token: KeptRefreshToken, vouchedUntil: Date?) async throws -> KeptRefreshToken?

    /// Whether another session that is kept a token for comes of the same login at the provider, by the name it has there.
    func sharesLogin(ofSession serial: String, at time: Date) async throws -> Bool

    func forgetRefreshToken(ofSession serial: String) async throws

    /// Deletes those of every other provider.
    /// - Returns: how many.
    func forgetRefreshTokens(exceptOf providers: [String]) async throws -> Int
}
