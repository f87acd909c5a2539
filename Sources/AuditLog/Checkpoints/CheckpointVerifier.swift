// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// The name of a log and the Ed25519 key that signs its checkpoints: what a client pins.
package struct CheckpointVerifier: Sendable {
    package let name: String
    /// The first four bytes of SHA-256 over name, newline, `0x01` and key, big-endian (C2SP signed-note).
    package let keyID: UInt32
    private let key: Curve25519.Signing.PublicKey

    /// The signature type of Ed25519 in signed notes.
    private static let ed25519: UInt8 = 0x01
    /// DER of an Ed25519 `SubjectPublicKeyInfo` up to the key (RFC 8410 §4).
    private static let ed25519Prefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

    /// - Parameter publicKey: 32 bytes (RFC 8032 §5.1.5).
    package init(name: String, publicKey: [UInt8]) throws(CheckpointError) {
        guard LogName.isValid(name) else { throw .name }
        do {
            key = try Curve25519.Signing.PublicKey(rawRepresentation: publicKey)
        } catch {
            throw .publicKeyLength(publicKey.count)
        }
        self.name = name
        keyID = SHA256.hash(data: Array(name.utf8) + [0x0a, Self.ed25519] + publicKey).prefix(4)
            .reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// - Parameter subjectPublicKeyInfo: DER, as signers give it.
    package init(name: String, subjectPublicKeyInfo: [UInt8]) throws(CheckpointError) {
        guard subjectPublicKeyInfo.starts(with: Self.ed25519Prefix) else { throw .publicKeyAlgorithm }
        try self.init(name: name, publicKey: Array(subjectPublicKeyInfo.dropFirst(Self.ed25519Prefix.count)))
    }

    /// - Parameter vkey: `name+hexadecimal id+base64`, as other tools for signed notes write it.
    package init(vkey: String) throws(CheckpointError) {
        let parts = vkey.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let typed = StrictBase64.decode(parts[2]), typed.first == Self.ed25519 else {
            throw .verifierKey
        }
        try self.init(name: parts[0], publicKey: Array(typed.dropFirst()))
        guard parts[1].utf8.elementsEqual(hexadecimalID.utf8) else { throw .verifierKeyID }
    }

    package var vkey: String {
        "\(name)+\(hexadecimalID)+\(StrictBase64.encode([Self.ed25519] + publicKey))"
    }

    private var publicKey: [UInt8] { Array(key.rawRepresentation) }

    private var hexadecimalID: String {
        let digits = String(keyID, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// What the log has signed. Signatures of other keys are ignored, as C2SP signed-note demands.
    package func verified(_ signed: SignedCheckpoint) throws(CheckpointError) -> Checkpoint {
        let checkpoint = signed.unverified
        guard checkpoint.origin == name else { throw .otherLog(origin: checkpoint.origin, expected: name) }
        guard let signature = signed.signatures.first(where: { $0.name == name && $0.keyID == keyID }) else {
            throw .notSigned(by: name)
        }
        guard isValid(signature.bytes, over: checkpoint.signingBody) else { throw .badSignature(by: name) }
        return checkpoint
    }

    func isValid(_ signature: [UInt8], over text: [UInt8]) -> Bool {
        key.isValidSignature(signature, for: text)
    }
}

extension CheckpointVerifier: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.publicKey == right.publicKey
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(publicKey)
    }
}
