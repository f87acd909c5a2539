// SPDX-License-Identifier: Apache-2.0

/// The detached signature of a list: what `ssh-keygen -Y verify -n krl@mayfly` checks over the file.
extension KeyRevocationList {
    package static let signatureNamespace = "krl@mayfly"

    package func bytesToSign() throws(SSHSIGError) -> [UInt8] {
        try SSHSIG.bytesToSign(message: blob, namespace: Self.signatureNamespace)
    }

    /// - Parameter file: all bytes of the file, before they are parsed.
    package static func verify(
        _ signature: SSHSIG, over file: [UInt8], allowedKeys: [SSHPublicKey]
    ) throws(SSHSIGError) -> VerifiedSignature {
        try signature.verify(message: file, namespace: signatureNamespace, allowedKeys: allowedKeys)
    }
}
