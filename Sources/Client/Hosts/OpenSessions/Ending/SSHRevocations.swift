// SPDX-License-Identifier: Apache-2.0

package import SSHCertificates

/// What tells of a certificate whether it was revoked: a KRL, or another list.
package protocol SSHRevocations: Sendable {
    func isRevoked(_ certificate: AuthenticatedCertificate) -> Bool
}

extension KeyRevocationList: SSHRevocations {
    /// Larger ones are no list that sshd was given by us.
    private static let maximumBytes = 16 << 20

    /// The list that sshd reads.
    /// - Throws: `ClientError.damaged` for what is no KRL (an empty file is none), and for what revokes keys in a way that no
    ///   record of a login can be compared with: by SHA-1.
    package init(sshdFile path: String) throws(ClientError) {
        let bytes = try AtomicFile.read(path, limit: Self.maximumBytes)
        guard let list = try? KeyRevocationList(parsing: bytes), !list.revokesBySHA1 else { throw .damaged(path: path) }
        self = list
    }

    package func isRevoked(_ certificate: AuthenticatedCertificate) -> Bool {
        revokes(
            serial: certificate.serial, keyID: certificate.keyID, keyFingerprint: certificate.keyFingerprint,
            signedBy: certificate.authority)
    }
}
