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
        revokes(key) || revokes(authority)
            || sections.contains { section in
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
