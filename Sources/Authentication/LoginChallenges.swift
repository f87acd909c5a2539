// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials

/// Login challenges that cost the server no memory: each carries its own expiry and a MAC over what it was made for, so
/// that asking for challenges without end fills nothing. An answered one is remembered in the store until it expires.
///
/// The key lives as long as the process: a challenge does not survive a restart.
package struct LoginChallenges: Sendable {
    private let key = SymmetricKey(size: .bits256)

    package static let lifetime: Double = 120  // seconds; long enough to touch a security key or type a passphrase

    package struct Challenge: Sendable, Equatable {
        /// Unique; what is remembered once it was answered.
        package let nonce: String
        package let expires: Date
        /// What the client sends back.
        package let text: String

        fileprivate init(nonce: String, expires: Int64, code: Data) {
            self.nonce = nonce
            self.expires = Date(timeIntervalSince1970: Double(expires))
            text = "\(nonce).\(expires).\(code.base64EncodedString())"
        }
    }

    package init() {}

    package func make(user: String, sessionKeyDigest: String, now: Date) -> Challenge {
        let nonce = Data((0..<16).map { _ in UInt8.random(in: 0...255) }).base64EncodedString()
        let expires = Int64(now.timeIntervalSince1970 + Self.lifetime)
        let message = Self.message(nonce: nonce, expires: expires, user: user, sessionKeyDigest: sessionKeyDigest)
        let code = HMAC<SHA256>.authenticationCode(for: message, using: key)
        return Challenge(nonce: nonce, expires: expires, code: Data(code))
    }

    /// The challenge in `text`, if this process made it for this user and session key and it has not expired.
    package func verify(
        _ text: String, user: String, sessionKeyDigest: String, now: Date
    ) throws(LoginError) -> Challenge {
        let parts = text.utf8.count <= 200 ? text.split(separator: ".", omittingEmptySubsequences: false).map(String.init) : []
        guard parts.count == 3, let expires = Int64(parts[1]), let code = Data(base64Encoded: parts[2]) else {
            throw .challengeInvalid
        }
        let message = Self.message(nonce: parts[0], expires: expires, user: user, sessionKeyDigest: sessionKeyDigest)
        guard HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: message, using: key) else {
            throw .challengeInvalid
        }
        guard now.timeIntervalSince1970 < Double(expires) else { throw .challengeExpired }
        let challenge = Challenge(nonce: parts[0], expires: expires, code: code)
        // `+12` and `012` are the same number, but not the challenge that was made.
        guard challenge.text.utf8.elementsEqual(text.utf8) else { throw .challengeInvalid }
        return challenge
    }

    /// Lengths first: no two different inputs give the same bytes.
    private static func message(nonce: String, expires: Int64, user: String, sessionKeyDigest: String) -> Data {
        Data("\(nonce.utf8.count) \(nonce) \(expires) \(user.utf8.count) \(user) \(sessionKeyDigest)".utf8)
    }
}
