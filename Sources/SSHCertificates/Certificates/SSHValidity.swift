// SPDX-License-Identifier: Apache-2.0

/// When a certificate is accepted, in whole seconds since 1970-01-01T00:00:00Z (draft-miller-ssh-cert §2).
///
/// `validAfter` is the first second, `validBefore` is one past the last. It is never empty and never endless.
package struct SSHValidity: Sendable, Hashable {
    package let validAfter: UInt64
    package let validBefore: UInt64

    /// - Throws: `emptyValidity`, or `endlessValidity` for the largest number, which means forever.
    package init(validAfter: UInt64, validBefore: UInt64) throws(SSHCertificateError) {
        guard validBefore != .max else { throw .endlessValidity }
        guard validAfter < validBefore else { throw .emptyValidity }
        self.validAfter = validAfter
        self.validBefore = validBefore
    }

    package func contains(secondsSince1970 second: UInt64) -> Bool { validAfter <= second && second < validBefore }
}
