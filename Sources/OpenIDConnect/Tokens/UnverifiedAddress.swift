// SPDX-License-Identifier: Apache-2.0

/// Whose token this says it is and whom it is for, to find out who can verify it. None of it is believed.
package struct UnverifiedAddress: Sendable, Equatable {
    package let issuer: String?
    package let audiences: [String]

    /// - Throws: `TokenError` for whatever is no JWT of a kind that is accepted here.
    package init(ofToken text: String) throws(TokenError) { try self.init(text, .identity) }

    package init(ofLogoutToken text: String) throws(TokenError) { try self.init(text, .logout) }

    private init(_ text: String, _ kind: SignedToken.Kind) throws(TokenError) {
        let claims = try SignedToken(parsing: text, kind).claims
        issuer = claims["iss"]?.string
        audiences = claims["aud"].flatMap { claim in claim.string.map { [$0] } ?? claim.strings } ?? []
    }
}
