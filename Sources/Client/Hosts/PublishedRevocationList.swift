// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import SSHCertificates
package import ServiceAPI

/// A key revocation list (PROTOCOL.krl) that the user CA signed. OpenSSH refuses signatures within a list, so this one lies
/// beside it (PROTOCOL.sshsig).
package struct PublishedRevocationList: Equatable, Sendable {
    package let version: UInt64
    package let bytes: [UInt8]

    package static let namespace = "krl@mayfly"
    /// Half a million serials that are not dense.
    package static let maximumBytes = 8 << 20

    /// - Parameter keys: of the user CA, one of which must have signed.
    package init(_ document: RevokedKeysDocument, signedBy keys: [SSHPublicKey]) throws(ClientError) {
        guard document.krl.utf8.count <= Self.maximumBytes / 3 * 4 + 4, let bytes = Data(base64Encoded: document.krl) else {
            throw .host(.revocationList("it is too large, or not base64"))
        }
        self.bytes = Array(bytes)
        do throws(SSHSIGError) {
            _ = try SSHSIG(armored: document.signature).verify(
                message: self.bytes, namespace: Self.namespace, allowedKeys: keys)
        } catch {
            throw .host(.revocationList(error.description))
        }
        guard let version = Self.version(of: self.bytes), version == document.version else {
            throw .host(.revocationList("it is not of version \(document.version)"))
        }
        self.version = version
    }

    /// The version in the head of a list: magic, format 1, version (PROTOCOL.krl §1); nil where there is no such head.
    package static func version(of bytes: [UInt8]) -> UInt64? {
        let magic = Array("SSHKRL\n\0".utf8)
        guard bytes.count >= magic.count + 12, bytes.starts(with: magic), bytes[8..<12].elementsEqual([0, 0, 0, 1]) else {
            return nil
        }
        return bytes[12..<20].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The version of the list in a file; nil where there is none that sshd could use.
    package static func version(inFile path: String) -> UInt64? {
        (try? AtomicFile.read(path, limit: maximumBytes)).flatMap { version(of: $0) }
    }
}
