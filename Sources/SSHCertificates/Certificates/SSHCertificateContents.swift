// SPDX-License-Identifier: Apache-2.0

/// Everything a certificate says, before the CA signs it (draft-miller-ssh-cert §2). Valid by construction: what this
/// type cannot hold, this CA does not issue and does not accept.
package struct SSHCertificateContents: Sendable, Hashable {
    package enum Kind: UInt32, Sendable, Hashable {
        case user = 1
        case host = 2
    }

    /// Random, so that nobody who asks for a certificate can foresee what the CA signs.
    package let nonce: [UInt8]
    package let publicKey: SSHPublicKey
    package let serial: UInt64
    package let kind: Kind
    /// What sshd logs at each login.
    package let keyID: String
    package let principals: SSHPrincipals
    package let validity: SSHValidity
    package let criticalOptions: SSHCriticalOptions
    package let extensions: SSHExtensions
    /// The CA's.
    package let signatureKey: SSHPublicKey

    package static let nonceBytes = 32

    /// - Parameters:
    ///   - nonce: 32 random bytes.
    ///   - serial: 1 or more.
    ///   - keyID: 1 to 255 bytes of printable ASCII.
    ///   - principals: of a host certificate, DNS names or IP addresses.
    ///   - criticalOptions: none for host certificates; `verifyRequired` only for security keys.
    ///   - extensions: none for host certificates.
    ///   - signatureKey: not a security key.
    package init(
        nonce: [UInt8], publicKey: SSHPublicKey, serial: UInt64, kind: Kind, keyID: String, principals: SSHPrincipals,
        validity: SSHValidity, criticalOptions: SSHCriticalOptions = .none, extensions: SSHExtensions = .none,
        signatureKey: SSHPublicKey
    ) throws(SSHCertificateError) {
        guard nonce.count == Self.nonceBytes else { throw .nonceLength(nonce.count) }
        guard serial >= 1 else { throw .serialZero }
        guard (1...SSHLimits.keyID).contains(keyID.utf8.count), keyID.utf8.allSatisfy(\.isPrintableASCII) else {
            throw .invalidKeyID
        }
        guard !signatureKey.type.isSecurityKey else { throw .securityKeyAsCA }
        switch kind {
        case .user:
            guard !criticalOptions.verifyRequired || publicKey.type.isSecurityKey else {
                throw .verifyRequiresSecurityKey(publicKey.type)
            }
        case .host:
            try principals.requireHostNames()
            if let option = (criticalOptions.options + extensions.options).first {
                throw .optionOnHostCertificate(option.name)
            }
        }
        self.nonce = nonce
        self.publicKey = publicKey
        self.serial = serial
        self.kind = kind
        self.keyID = keyID
        self.principals = principals
        self.validity = validity
        self.criticalOptions = criticalOptions
        self.extensions = extensions
        self.signatureKey = signatureKey
    }
}
