// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import SSHCertificates

/// The certificate of a login: always what names it, and where it could be read, all it says.
package struct AuthenticatedCertificate: Sendable {
    package let authority: SSHPublicKey
    package let serial: UInt64
    package let keyID: String
    /// Of the certified key, as `ssh-keygen -l` prints it.
    package let keyFingerprint: String
    /// `nil` where only sshd's log tells of it.
    package let certificate: SSHCertificate?

    init(_ certificate: SSHCertificate) {
        authority = certificate.contents.signatureKey
        serial = certificate.contents.serial
        keyID = certificate.contents.keyID
        keyFingerprint = certificate.contents.publicKey.fingerprint
        self.certificate = certificate
    }

    init(authority: SSHPublicKey, serial: UInt64, keyID: String, keyFingerprint: String) {
        self.authority = authority
        self.serial = serial
        self.keyID = keyID
        self.keyFingerprint = keyFingerprint
        certificate = nil
    }

    /// Whether `other` is the same certificate: a CA gives a serial once.
    func isSame(as other: AuthenticatedCertificate) -> Bool {
        authority == other.authority && serial == other.serial && keyID == other.keyID
            && keyFingerprint == other.keyFingerprint
    }

    /// The first second in which it is not accepted any more.
    package var expires: Date? {
        certificate.map { Date(timeIntervalSince1970: Double($0.contents.validity.validBefore)) }
    }

    /// Whether hosts are to end its sessions at `expires`; `nil` where only the log tells of it.
    package var endsSessionAtExpiry: Bool? {
        certificate.map { certificate in
            certificate.contents.extensions.all.contains { $0.name == SSHExtension.endSessionAtExpiry.name }
        }
    }
}
