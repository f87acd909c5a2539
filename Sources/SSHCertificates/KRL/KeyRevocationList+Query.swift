// SPDX-License-Identifier: Apache-2.0

import Crypto

/// What sshd asks a list. The time is proportional to the length of the list.
extension KeyRevocationList {
    /// Whether the plain key is revoked, by itself or by a fingerprint.
    package func revokes(_ key: SSHPublicKey) -> Bool {
        let blob = key.blob
        let sha1 = Array(Insecure.SHA1.hash(data: blob)), sha256 = Array(SHA256.hash(data: blob))
        return sections.contains { section in
            switch section {
            case .keys(let blobs): blobs.contains(blob)
            case .sha1Fingerprints(let hashes): hashes.contains(sha1)
            case .sha256Fingerprints(let hashes): hashes.contains(sha256)
            case .certificates, .extension: false
            }
        }
    }

    /// Whether a certificate is revoked: by serial or key ID under its CA or under every CA, with its key, or with its CA key.
    package func revokes(serial: UInt64, keyID: String, key: SSHPublicKey, signedBy authority: SSHPublicKey) -> Bool {
        revokes(key) || revokes(authority) || names(serial: serial, keyID: keyID, of: authority)
    }

    /// The same where the certified key is known by its fingerprint alone, as sshd's log has it.
    /// - Parameter keyFingerprint: `SHA256:` and base64; what the list says by SHA-1 cannot be compared with it: see
    ///   `revokesBySHA1`.
    package func revokes(
        serial: UInt64, keyID: String, keyFingerprint: String, signedBy authority: SSHPublicKey
    ) -> Bool {
        revokes(authority) || names(serial: serial, keyID: keyID, of: authority)
            || sections.contains { section in
                switch section {
                case .keys(let blobs):
                    blobs.contains { SSHPublicKey.fingerprint(of: SHA256.hash(data: $0)) == keyFingerprint }
                case .sha256Fingerprints(let hashes):
                    hashes.contains { SSHPublicKey.fingerprint(of: $0) == keyFingerprint }
                case .certificates, .sha1Fingerprints, .extension: false
                }
            }
    }

    /// Whether keys are revoked by their SHA-1 fingerprint.
    package var revokesBySHA1: Bool {
        sections.contains { if case .sha1Fingerprints = $0 { true } else { false } }
    }

    /// The keys it names whole: plain keys that are revoked, and CA keys of whose certificates some are.
    package var namedKeys: [SSHPublicKey] {
        sections.flatMap { section -> [[UInt8]] in
            switch section {
            case .keys(let blobs): blobs
            case .certificates(let certificates): [certificates.authority]
            case .sha1Fingerprints, .sha256Fingerprints, .extension: []
            }
        }.compactMap { try? SSHPublicKey(parsing: $0) }
    }

    private func names(serial: UInt64, keyID: String, of authority: SSHPublicKey) -> Bool {
        sections.contains { section in
            guard case .certificates(let certificates) = section,
                certificates.authority.isEmpty || certificates.authority == authority.blob
            else { return false }
            return certificates.revokes(serial: serial, keyID: keyID)
        }
    }

    package func revokes(_ certificate: SSHCertificate) -> Bool {
        let contents = certificate.contents
        return revokes(
            serial: contents.serial, keyID: contents.keyID, key: contents.publicKey, signedBy: contents.signatureKey)
    }
}
