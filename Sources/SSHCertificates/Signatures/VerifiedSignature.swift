// SPDX-License-Identifier: Apache-2.0

/// Proof that a key made a signature over a message; only verification makes one.
package struct VerifiedSignature: Sendable, Hashable {
    package let key: SSHPublicKey
    package let algorithm: SSHSignatureAlgorithm
    /// What a security key reported; `nil` for other keys.
    package let securityKey: SecurityKeyUse?

    init(key: SSHPublicKey, algorithm: SSHSignatureAlgorithm, securityKey: SecurityKeyUse?) {
        self.key = key
        self.algorithm = algorithm
        self.securityKey = securityKey
    }
}

/// How a security key was used (PROTOCOL.u2f, "SSH U2F signatures"). It was touched: signatures without that do not verify.
package struct SecurityKeyUse: Sendable, Hashable {
    /// A PIN or a biometric check.
    package let isUserVerified: Bool
    package let counter: UInt32

    static let userPresent: UInt8 = 0x01
    static let userVerified: UInt8 = 0x04
}
