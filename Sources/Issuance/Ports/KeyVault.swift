// SPDX-License-Identifier: Apache-2.0

/// Where CA private keys are made and kept: files, later an HSM.
package protocol KeyVault: Sendable {
    /// A new key, which survives a crash of the machine once this returns.
    func makeKey(for purpose: CAKeyPurpose) async throws -> any Signer
    /// - Throws: when it is not there, or cannot be used.
    func key(for purpose: CAKeyPurpose, subjectPublicKeyInfo: [UInt8]) async throws -> any Signer
    /// The key that `init` made.
    func firstKey(for purpose: CAKeyPurpose) async throws -> any Signer
    /// Puts what is to be trusted where people look for it. The record is the truth, and this is repeated at each start, so
    /// a failure is told and not thrown.
    func publish(_ keys: SigningKeys) async
}
