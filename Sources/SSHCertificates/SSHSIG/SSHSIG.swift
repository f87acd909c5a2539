// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// A signature over a message with an SSH key, bound to a namespace (PROTOCOL.sshsig), as `ssh-keygen -Y sign` makes them.
/// Well-formed, not verified.
package struct SSHSIG: Sendable, Hashable {
    package enum Hash: String, Sendable, Hashable {
        case sha512
        case sha256

        func digest(_ message: [UInt8]) -> [UInt8] {
            switch self {
            case .sha512: Array(SHA512.hash(data: message))
            case .sha256: Array(SHA256.hash(data: message))
            }
        }
    }

    package let publicKey: SSHPublicKey
    /// What the signature is for; 1 to 255 bytes of printable ASCII.
    package let namespace: String
    package let hash: Hash
    package let signature: SSHSignature

    static let version: UInt32 = 1
    private static let magic = Array("SSHSIG".utf8)

    package init(
        publicKey: SSHPublicKey, namespace: String, hash: Hash, signature: SSHSignature
    ) throws(SSHSIGError) {
        try Self.check(namespace)
        guard signature.algorithm.keyType == publicKey.type else {
            throw .signature(.keyMismatch(signature.algorithm, publicKey.type))
        }
        self.publicKey = publicKey
        self.namespace = namespace
        self.hash = hash
        self.signature = signature
    }

    package init(parsing blob: [UInt8]) throws(SSHSIGError) {
        guard blob.count <= SSHLimits.sshsig else {
            throw .wire(.tooLong(field: "SSH signature", limit: SSHLimits.sshsig))
        }
        var reader = SSHWireReader<SSHSIGError>(blob)
        guard try reader.readBytes(Self.magic.count, "magic").elementsEqual(Self.magic) else { throw .notASignature }
        let version = try reader.readUInt32("version")
        guard version == Self.version else { throw .unknownVersion(version) }
        let key = Array(try reader.readString("public key", limit: SSHLimits.keyBlob))
        let namespace = try reader.readText("namespace", limit: SSHLimits.namespace)
        guard try reader.readString("reserved", limit: SSHLimits.name).isEmpty else { throw .reservedNotEmpty }
        let hashName = try reader.readText("hash", limit: SSHLimits.name)
        guard let hash = Hash(rawValue: hashName) else { throw .unknownHash(hashName) }
        let signature = Array(try reader.readString("signature", limit: SSHLimits.signature))
        try reader.finish(after: "signature")
        try self.init(
            publicKey: try Self.key(key), namespace: namespace, hash: hash, signature: try Self.signature(signature))
    }

    private static func key(_ blob: [UInt8]) throws(SSHSIGError) -> SSHPublicKey {
        do throws(SSHKeyError) { return try SSHPublicKey(parsing: blob) } catch { throw .publicKey(error) }
    }

    private static func signature(_ blob: [UInt8]) throws(SSHSIGError) -> SSHSignature {
        do throws(SSHSignatureError) { return try SSHSignature(parsing: blob) } catch { throw .signature(error) }
    }

    private static func check(_ namespace: String) throws(SSHSIGError) {
        guard (1...SSHLimits.namespace).contains(namespace.utf8.count), namespace.utf8.allSatisfy(\.isPrintableASCII) else {
            throw .invalidNamespace
        }
    }

    /// The wire form, without armor.
    package var blob: [UInt8] {
        var writer = SSHWireWriter()
        writer.write(raw: Self.magic)
        writer.write(uint32: Self.version)
        writer.write(string: publicKey.blob)
        writer.write(string: namespace)
        writer.write(string: [])
        writer.write(string: hash.rawValue)
        writer.write(string: signature.blob)
        return writer.bytes
    }

    /// What the key signs, through ssh-agent for example, so that the result is a signature over `message`.
    package static func bytesToSign(
        message: [UInt8], namespace: String, hash: Hash = .sha512
    ) throws(SSHSIGError) -> [UInt8] {
        try check(namespace)
        var writer = SSHWireWriter()
        writer.write(raw: magic)
        writer.write(string: namespace)
        writer.write(string: [])
        writer.write(string: hash.rawValue)
        writer.write(string: hash.digest(message))
        return writer.bytes
    }

    /// Verifies that one of `allowedKeys` signed `message` for `namespace`.
    package func verify(
        message: [UInt8], namespace: String, allowedKeys: [SSHPublicKey]
    ) throws(SSHSIGError) -> VerifiedSignature {
        guard namespace == self.namespace else { throw .wrongNamespace(self.namespace) }
        guard allowedKeys.contains(publicKey) else { throw .keyNotAllowed(fingerprint: publicKey.fingerprint) }
        let signed = try Self.bytesToSign(message: message, namespace: namespace, hash: hash)
        do throws(SSHSignatureError) { return try publicKey.verify(signature, over: signed) } catch {
            throw .signature(error)
        }
    }
}

extension SSHSIG {
    private static let armor = Armor(label: "SSH SIGNATURE")

    package init(armored text: String) throws(SSHSIGError) {
        guard text.utf8.count <= 2 * SSHLimits.sshsig else {
            throw .wire(.tooLong(field: "SSH signature", limit: 2 * SSHLimits.sshsig))
        }
        guard let blob = Self.armor.decode(text) else { throw .malformedArmor }
        try self.init(parsing: blob)
    }

    package var armored: String { Self.armor.encode(blob) }
}
