// SPDX-License-Identifier: Apache-2.0

/// A key or certificate that an agent holds.
package struct SSHAgentIdentity: Sendable, Hashable {
    /// Of any type, also those not supported here.
    package let blob: [UInt8]
    /// For display; bytes that are not UTF-8 are replaced.
    package let comment: String

    /// `nil` for certificates and unsupported keys.
    package var publicKey: SSHPublicKey? { try? SSHPublicKey(parsing: blob) }
}

/// Replies of ssh-agent. The four bytes in front give the length of the body; the functions take the body.
package enum SSHAgentReply {
    private enum Message: UInt8 {
        case failure = 5
        case success = 6
        case identitiesAnswer = 12
        case signResponse = 14
    }

    package static let lengthBytes = 4

    /// How many bytes of body follow.
    /// - Parameter header: the first `lengthBytes` bytes.
    package static func bodyLength(header: [UInt8]) throws(SSHAgentError) -> Int {
        var reader = SSHWireReader<SSHAgentError>(header)
        let length = try reader.readUInt32("length")
        try reader.finish(after: "length")
        guard length >= 1, length <= SSHLimits.agentMessage else { throw .messageTooLong }
        return Int(length)
    }

    package static func success(_ body: [UInt8]) throws(SSHAgentError) {
        try open(body, .success).finish(after: "reply")
    }

    package static func identities(_ body: [UInt8]) throws(SSHAgentError) -> [SSHAgentIdentity] {
        var reader = try open(body, .identitiesAnswer)
        let count = try reader.readUInt32("number of keys")
        guard count <= SSHLimits.agentIdentities else { throw .tooManyIdentities }
        var identities: [SSHAgentIdentity] = []
        for _ in 0..<count {
            let blob = try reader.readString("key", limit: SSHLimits.certificate)
            let comment = try reader.readString("comment", limit: SSHLimits.agentMessage)
            identities.append(SSHAgentIdentity(blob: Array(blob), comment: String(decoding: comment, as: UTF8.self)))
        }
        try reader.finish(after: "keys")
        return identities
    }

    /// The signature, not verified, made with the algorithm that was asked for.
    package static func signature(
        _ body: [UInt8], algorithm: SSHSignatureAlgorithm
    ) throws(SSHAgentError) -> SSHSignature {
        var reader = try open(body, .signResponse)
        let blob = Array(try reader.readString("signature", limit: SSHLimits.signature))
        try reader.finish(after: "signature")
        let signature: SSHSignature
        do throws(SSHSignatureError) { signature = try SSHSignature(parsing: blob) } catch { throw .signature(error) }
        guard signature.algorithm == algorithm else { throw .otherAlgorithm(signature.algorithm) }
        return signature
    }

    private static func open(
        _ body: [UInt8], _ expected: Message
    ) throws(SSHAgentError) -> SSHWireReader<SSHAgentError> {
        guard body.count <= SSHLimits.agentMessage else { throw .messageTooLong }
        var reader = SSHWireReader<SSHAgentError>(body)
        let type = try reader.readUInt8("message type")
        switch Message(rawValue: type) {
        case expected: return reader
        case .failure: throw .refused
        default: throw .unexpectedReply(type)
        }
    }
}
