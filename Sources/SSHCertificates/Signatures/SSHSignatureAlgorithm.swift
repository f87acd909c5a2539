// SPDX-License-Identifier: Apache-2.0

/// Signature algorithms by the name in the signature blob (RFC 8709, RFC 5656, RFC 8332, PROTOCOL.u2f). `ssh-rsa`, which
/// means SHA-1, is not among them.
package enum SSHSignatureAlgorithm: String, Sendable, Hashable, CaseIterable {
    case ed25519 = "ssh-ed25519"
    case ecdsaP256 = "ecdsa-sha2-nistp256"
    case ecdsaP384 = "ecdsa-sha2-nistp384"
    case ecdsaP521 = "ecdsa-sha2-nistp521"
    case rsaSHA512 = "rsa-sha2-512"
    case rsaSHA256 = "rsa-sha2-256"
    case securityKeyEd25519 = "sk-ssh-ed25519@openssh.com"
    case securityKeyECDSAP256 = "sk-ecdsa-sha2-nistp256@openssh.com"

    package var keyType: SSHKeyType {
        switch self {
        case .ed25519: .ed25519
        case .ecdsaP256: .ecdsaP256
        case .ecdsaP384: .ecdsaP384
        case .ecdsaP521: .ecdsaP521
        case .rsaSHA512, .rsaSHA256: .rsa
        case .securityKeyEd25519: .securityKeyEd25519
        case .securityKeyECDSAP256: .securityKeyECDSAP256
        }
    }

    /// Of the plain ECDSA algorithms.
    var curve: SSHCurve? {
        switch self {
        case .ecdsaP256: .p256
        case .ecdsaP384: .p384
        case .ecdsaP521: .p521
        default: nil
        }
    }
}

extension SSHKeyType {
    /// What such a key signs with, the preferred algorithm first. Never empty.
    package var signatureAlgorithms: [SSHSignatureAlgorithm] {
        SSHSignatureAlgorithm.allCases.filter { $0.keyType == self }
    }
}
