// SPDX-License-Identifier: Apache-2.0

/// Upper bounds, in bytes unless said otherwise, checked before anything is copied. Nothing received may exceed them and
/// nothing written here does.
package enum SSHLimits {
    /// A public key blob. The largest accepted key, RSA with 8192 bits, needs 1,050.
    package static let keyBlob = 16 * 1024
    /// A whole certificate. The lists below, two keys and a signature always fit.
    package static let certificate = 64 * 1024
    /// A signature blob, key type name included.
    package static let signature = 4 * 1024
    /// One line `type base64 comment` with a plain key.
    package static let authorizedKeyLine = 32 * 1024
    /// One line `type base64 comment` with a certificate: base64 of `certificate` and a comment.
    package static let certificateLine = 96 * 1024
    package static let comment = 1024
    /// Key types, curve, hash and option names.
    package static let name = 255
    package static let keyID = 255
    /// Count of principals; OpenSSH's `SSHKEY_CERT_MAX_PRINCIPALS`.
    package static let principals = 256
    package static let principal = 255
    package static let principalList = 32 * 1024
    package static let forceCommand = 4 * 1024
    /// Count of ranges in `source-address`.
    package static let sourceAddresses = 64
    package static let criticalOptions = 8 * 1024
    package static let extensions = 16 * 1024
    /// Count of extensions, the standard ones included.
    package static let extensionCount = 64
    /// An SSHSIG blob; its armor may be twice that.
    package static let sshsig = 32 * 1024
    package static let namespace = 255
    /// A key revocation list: two million scattered serials. sshd reads up to 128 MiB.
    package static let revocationList = 16 * 1024 * 1024
    /// Count of sections in one list; a CA key takes one.
    package static let revocationSections = 1024
    /// Count of sections for one CA key.
    package static let revocationParts = 1_000_000
    /// A key ID in a list, which may be of another CA.
    package static let revokedKeyID = 4 * 1024
    /// One message of the agent, without its length; OpenSSH's `AGENT_MAX_LEN`.
    package static let agentMessage = 256 * 1024
    /// Count of identities in one reply; OpenSSH's `MAX_AGENT_IDENTITIES`.
    package static let agentIdentities = 2048
    /// Bits of an RSA modulus: the lower one is policy, the upper one is what swift-crypto can verify with.
    package static let rsaBits = 3072...8192
}
