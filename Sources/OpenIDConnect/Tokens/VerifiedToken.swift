// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// What an issuer has said and signed, for us, and not yet expired.
package struct VerifiedToken: Sendable {
    /// `sub`, unique and never used again within the issuer.
    package let subject: String
    package let claims: [String: JSONValue]
    package let expires: Date

    /// The same for every presentation of one token, whoever presents it: `jti` where the issuer gives one (RFC 7519
    /// §4.1.7), else the digest of what was signed.
    package var uniqueID = ""

    /// What the provider calls the login, where it says (OpenID Connect Back-Channel Logout §2.1).
    package var providerSession: String? { claims["sid"]?.string }

    init(subject: String, claims: [String: JSONValue], expires: Date) {
        self.subject = subject
        self.claims = claims
        self.expires = expires
    }
}
