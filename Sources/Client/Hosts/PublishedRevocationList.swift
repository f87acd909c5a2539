// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import SSHCertificates
package import ServiceAPI

/// A key revocation list (PROTOCOL.krl) that the user CA signed. OpenSSH refuses signatures within a list, so this one lies
/// beside it (PROTOCOL.sshsig).
package struct PublishedRevocationList: Equatable, Sendable {
    package let version: UInt64
    package let bytes: [UInt8]

    /// Half a million serials that are not dense.
    package static let maximumBytes = 8 << 20

    /// - Parameter keys: of the user CA, one of which must have signed.
    package init(_ document: RevokedKeysDocument, signedBy keys: [SSHPublicKey]) throws(ClientError) {
        guard document.krl.utf8.count <= Self.maximumBytes / 3 * 4 + 4, let bytes = Data(base64Encoded: document.krl) else {
            throw .host(.revocationList("it is too large, or not base64"))
        }
        self.bytes = Array(bytes)
        do throws(SSHSIGError) {
            _ = try KeyRevocationList.verify(SSHSIG(armored: document.signature), over: self.bytes, allowedKeys: keys)
        } catch {
            throw .host(.revocationList(error.description))
        }
        guard let version = try? KeyRevocationList.version(inHeadOf: self.bytes), version == document.version else {
            throw .host(.revocationList("it is not of version \(document.version)"))
        }
        self.version = version
    }

    /// The version of the list in a file; nil where there is none that sshd could use.
    package static func version(inFile path: String) -> UInt64? {
        (try? AtomicFile.read(path, limit: maximumBytes)).flatMap { try? KeyRevocationList.version(inHeadOf: $0) }
    }
}
