// SPDX-License-Identifier: Apache-2.0

import AccessRequests
import Crypto
import Foundation
import SSHCertificates

/// An SSH key of an approver.
struct ApproverKey {
    private let key = Curve25519.Signing.PrivateKey()
    /// A security key that was touched.
    var isToken = false

    private static let token = "sk-ssh-ed25519@openssh.com"

    private static func string(_ bytes: some Collection<UInt8>) -> [UInt8] {
        [0, 0, 0, UInt8(bytes.count)] + bytes
    }

    var publicKey: SSHPublicKey {
        get throws {
            let point = key.publicKey.rawRepresentation
            guard isToken else {
                return try SSHPublicKey(
                    subjectPublicKeyInfo: [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00] + point)
            }
            return try SSHPublicKey(
                parsing: Self.string(Self.token.utf8) + Self.string(point) + Self.string("ssh:".utf8))
        }
    }

    private func signature(over bytes: [UInt8]) throws -> SSHSignature {
        guard isToken else {
            return try SSHSignature(x509Encoded: Array(try key.signature(for: bytes)), algorithm: .ed25519)
        }
        let use: [UInt8] = [1, 0, 0, 0, 7]
        let message = Array(SHA256.hash(data: Array("ssh:".utf8))) + use + SHA256.hash(data: bytes)
        return try SSHSignature(
            parsing: Self.string(Self.token.utf8) + Self.string(Array(try key.signature(for: message))) + use)
    }

    func sign(_ statement: ApprovalStatement) throws -> String {
        let bytes = try SSHSIG.bytesToSign(message: statement.bytes, namespace: ApprovalStatement.namespace)
        return try SSHSIG(
            publicKey: publicKey, namespace: ApprovalStatement.namespace, hash: .sha512,
            signature: try signature(over: bytes)
        ).armored
    }
}
