// SPDX-License-Identifier: Apache-2.0

/// The public key types that may be certified, by the name in their blob.
package enum SSHKeyType: String, Sendable, Hashable, CaseIterable {
    case ed25519 = "ssh-ed25519"
    case ecdsaP256 = "ecdsa-sha2-nistp256"
    case ecdsaP384 = "ecdsa-sha2-nistp384"
    case ecdsaP521 = "ecdsa-sha2-nistp521"
    case rsa = "ssh-rsa"
    case securityKeyEd25519 = "sk-ssh-ed25519@openssh.com"
    case securityKeyECDSAP256 = "sk-ecdsa-sha2-nistp256@openssh.com"

    /// Whether a hardware token signs, which reports touch and user verification (PROTOCOL.u2f).
    package var isSecurityKey: Bool { self == .securityKeyEd25519 || self == .securityKeyECDSAP256 }

    /// The type of a certificate for such a key (draft-miller-ssh-cert §2).
    package var certificateName: String {
        switch self {
        case .securityKeyEd25519: "sk-ssh-ed25519-cert-v01@openssh.com"
        case .securityKeyECDSAP256: "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"
        default: rawValue + "-cert-v01@openssh.com"
        }
    }

    init?(certificateName: String) {
        guard let type = Self.allCases.first(where: { $0.certificateName == certificateName }) else { return nil }
        self = type
    }

    /// - Throws: `isCertificate`, `obsoleteType` or `unknownType`.
    init(name: String) throws(SSHKeyError) {
        if let type = Self(rawValue: name) {
            self = type
        } else if name.contains("-cert-v0") {
            throw .isCertificate(name)
        } else if name == "ssh-dss" {
            throw .obsoleteType(name)
        } else {
            throw .unknownType(name)
        }
    }
}
