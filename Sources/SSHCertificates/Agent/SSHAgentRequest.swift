// SPDX-License-Identifier: Apache-2.0

/// Messages to ssh-agent (draft-ietf-sshm-ssh-agent), each with its length in front, ready to be sent.
package enum SSHAgentRequest {
    private enum Message: UInt8 {
        case requestIdentities = 11
        case signRequest = 13
        case removeIdentity = 18
        case addConstrainedIdentity = 25
    }

    private static let constrainLifetime: UInt8 = 1

    /// Answered by `SSHAgentReply.identities`.
    package static var listIdentities: [UInt8] { framed(.requestIdentities) { _ in } }

    /// Answered by `SSHAgentReply.signature`.
    package static func sign(
        _ message: [UInt8], with key: SSHPublicKey, algorithm: SSHSignatureAlgorithm
    ) throws(SSHAgentError) -> [UInt8] {
        guard algorithm.keyType == key.type else { throw .keyMismatch(algorithm, key.type) }
        guard message.count <= SSHLimits.agentMessage / 2 else { throw .messageTooLong }
        return framed(.signRequest) { writer in
            writer.write(string: key.blob)
            writer.write(string: message)
            writer.write(uint32: flags(of: algorithm))
        }
    }

    /// Adds a key, which the agent forgets after `lifetime` (fractions of a second are dropped). With a certificate the
    /// agent offers only that; add the key a second time without it to offer both. Answered by `SSHAgentReply.success`.
    package static func add(
        _ key: borrowing OpenSSHPrivateKey, certificate: SSHCertificate?, comment: String, lifetime: Duration
    ) throws(SSHAgentError) -> SecretBytes {
        guard let seconds = UInt32(exactly: lifetime.components.seconds), seconds >= 1 else { throw .invalidLifetime }
        guard comment.utf8.count <= SSHLimits.comment, !comment.utf8.contains(where: \.isControlASCII) else {
            throw .invalidComment
        }
        var body = SSHWireWriter(reservingCapacity: SSHLimits.certificate + 4096)
        body.write(uint8: Message.addConstrainedIdentity.rawValue)
        if let certificate {
            guard certificate.contents.publicKey == key.publicKey else { throw .certificateOfOtherKey }
            body.write(string: certificate.typeName)
            body.write(string: certificate.blob)
            key.writePointBesideCertificate(to: &body)
        } else {
            body.write(string: key.publicKey.type.rawValue)
            key.publicKey.material.write(to: &body)
        }
        key.writePrivatePart(to: &body)
        body.write(string: comment)
        body.write(uint8: constrainLifetime)
        body.write(uint32: seconds)
        return SecretBytes(framed(body))
    }

    /// Answered by `SSHAgentReply.success`.
    /// - Parameter blob: of a key or of a certificate, exactly as it was added.
    package static func remove(blob: [UInt8]) throws(SSHAgentError) -> [UInt8] {
        guard blob.count <= SSHLimits.certificate else { throw .messageTooLong }
        return framed(.removeIdentity) { $0.write(string: blob) }
    }

    /// `SSH_AGENT_RSA_SHA2_256` and `_512`; without one, an agent signs RSA with SHA-1.
    private static func flags(of algorithm: SSHSignatureAlgorithm) -> UInt32 {
        switch algorithm {
        case .rsaSHA256: 2
        case .rsaSHA512: 4
        default: 0
        }
    }

    private static func framed(_ message: Message, _ body: (inout SSHWireWriter) -> Void) -> [UInt8] {
        var writer = SSHWireWriter()
        writer.write(uint8: message.rawValue)
        body(&writer)
        return framed(writer)
    }

    private static func framed(_ body: SSHWireWriter) -> [UInt8] {
        var writer = SSHWireWriter(reservingCapacity: body.bytes.count + 4)
        writer.write(string: body.bytes)
        return writer.bytes
    }
}
