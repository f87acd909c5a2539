// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// A fresh private key for a certificate, made where it is used. It leaves as the text of a key file or as a message to
/// ssh-agent, and never to a server.
package struct OpenSSHPrivateKey: ~Copyable, Sendable {
    package enum Algorithm: Sendable, Hashable {
        case ed25519
        case ecdsaP256
    }

    private enum Key: Sendable {
        case ed25519(Curve25519.Signing.PrivateKey)
        case ecdsaP256(P256.Signing.PrivateKey)
    }

    private let key: Key
    package let publicKey: SSHPublicKey

    package init(generating algorithm: Algorithm) {
        switch algorithm {
        case .ed25519:
            let key = Curve25519.Signing.PrivateKey()
            self.key = .ed25519(key)
            publicKey = SSHPublicKey(.ed25519(Array(key.publicKey.rawRepresentation)))
        case .ecdsaP256:
            let key = P256.Signing.PrivateKey()
            self.key = .ecdsaP256(key)
            publicKey = SSHPublicKey(.ecdsa(.p256, point: Array(key.publicKey.x963Representation)))
        }
    }

    /// The text of an unencrypted key file (PROTOCOL.key). Write it with mode 0600.
    /// - Throws: `invalidComment`.
    package func fileContents(comment: String = "") throws(SSHKeyError) -> SecretBytes {
        guard comment.utf8.count <= SSHLimits.comment, !comment.utf8.contains(where: \.isControlASCII) else {
            throw .invalidComment
        }
        var secret = SSHWireWriter(reservingCapacity: 2048)
        // Twice the same number: with a cipher, it shows whether decryption worked.
        let check = UInt32.random(in: 0 ... .max)
        secret.write(uint32: check)
        secret.write(uint32: check)
        secret.write(string: publicKey.type.rawValue)
        publicKey.material.write(to: &secret)
        writePrivatePart(to: &secret)
        secret.write(string: comment)
        let blockSize = 8  // of the cipher `none`
        var padding: UInt8 = 0
        while !secret.bytes.count.isMultiple(of: blockSize) {
            padding &+= 1
            secret.write(uint8: padding)
        }

        var writer = SSHWireWriter(reservingCapacity: 4096)
        writer.write(raw: "openssh-key-v1\0".utf8)
        writer.write(string: "none")  // cipher
        writer.write(string: "none")  // key derivation
        writer.write(string: [])  // its options
        writer.write(uint32: 1)  // keys
        writer.write(string: publicKey.blob)
        writer.write(string: secret.bytes)
        return SecretBytes(Array(Armor(label: "OPENSSH PRIVATE KEY").encode(writer.bytes).utf8))
    }

    /// What follows the public fields in key files, and in messages to the agent: Ed25519 seed and point in one string, or
    /// the ECDSA scalar.
    func writePrivatePart(to writer: inout SSHWireWriter) {
        switch key {
        case .ed25519(let key): writer.write(string: key.rawRepresentation + key.publicKey.rawRepresentation)
        case .ecdsaP256(let key): writer.write(magnitude: key.rawRepresentation)
        }
    }

    /// The public fields that ssh-agent wants beside a certificate: the point for Ed25519, nothing for ECDSA.
    func writePointBesideCertificate(to writer: inout SSHWireWriter) {
        if case .ed25519(let key) = key { writer.write(string: key.publicKey.rawRepresentation) }
    }
}
