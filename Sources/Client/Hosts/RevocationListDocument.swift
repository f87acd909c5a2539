// SPDX-License-Identifier: Apache-2.0

/// The reply of the server to whoever asks for the newest key revocation list.
package struct RevocationListDocument: Codable, Sendable {
    package var version: UInt64
    /// Base64.
    package var krl: String
    /// Armored SSHSIG by the user CA, in the namespace `krl@mayfly`.
    package var signature: String

    package init(version: UInt64, krl: String, signature: String) {
        self.version = version
        self.krl = krl
        self.signature = signature
    }
}
