// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
package import SSHCertificates

/// The ssh-agent of this person. Each request has a connection of its own, as with ssh-add.
package struct SSHAgentConnection: Sendable {
    private let socket: String

    /// Long enough to touch a security key, or to confirm a use of the key.
    private static let timeout = TimeAmount.seconds(60)

    package init(socket: String) {
        self.socket = socket
    }

    /// - Throws: `agentUnavailable` when `SSH_AUTH_SOCK` is not set.
    package init(environment: [String: String]) throws(ClientError) {
        guard let socket = environment["SSH_AUTH_SOCK"], !socket.isEmpty else { throw .agentUnavailable(path: nil) }
        self.init(socket: socket)
    }

    package func identities() async throws -> [SSHAgentIdentity] {
        let reply = try await reply(to: SSHAgentRequest.listIdentities)
        return try reporting { () throws(SSHAgentError) in try SSHAgentReply.identities(reply) }
    }

    package func signature(over message: [UInt8], with key: SSHPublicKey) async throws -> SSHSignature {
        guard let algorithm = key.type.signatureAlgorithms.first else { throw ClientError.noSigningKey }
        let request = try reporting { () throws(SSHAgentError) in
            try SSHAgentRequest.sign(message, with: key, algorithm: algorithm)
        }
        let reply = try await reply(to: request)
        return try reporting { () throws(SSHAgentError) in try SSHAgentReply.signature(reply, algorithm: algorithm) }
    }

    /// The agent forgets the key after `lifetime`.
    package func add(
        _ key: borrowing OpenSSHPrivateKey, certificate: SSHCertificate, comment: String, lifetime: Duration
    ) async throws {
        let request: ByteBuffer
        do {
            request = try SSHAgentRequest.add(key, certificate: certificate, comment: comment, lifetime: lifetime)
                .withBytes { ByteBuffer(bytes: $0) }
        } catch {
            throw ClientError.agent(error.description)
        }
        let reply = try await reply(to: request)
        try reporting { () throws(SSHAgentError) in try SSHAgentReply.success(reply) }
    }

    /// - Parameter blob: of a key or certificate, as it was added.
    package func remove(blob: [UInt8]) async throws {
        let request = try reporting { () throws(SSHAgentError) in try SSHAgentRequest.remove(blob: blob) }
        let reply = try await reply(to: request)
        try reporting { () throws(SSHAgentError) in try SSHAgentReply.success(reply) }
    }

    private func reporting<Result>(_ body: () throws(SSHAgentError) -> Result) throws(ClientError) -> Result {
        do throws(SSHAgentError) { return try body() } catch { throw .agent(error.description) }
    }

    private func reply(to request: [UInt8]) async throws -> [UInt8] { try await reply(to: ByteBuffer(bytes: request)) }

    /// The body of the agent's reply.
    private func reply(to request: ByteBuffer) async throws -> [UInt8] {
        let connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: socket) { channel in
                    channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
                }
        } catch {
            throw ClientError.agentUnavailable(path: socket)
        }
        let channel = connection.channel
        let deadline = channel.eventLoop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        do {
            return try await connection.executeThenClose { inbound, outbound in
                try await outbound.write(request)
                return try await Self.body(of: inbound)
            }
        } catch let error as SSHAgentError {
            throw ClientError.agent(error.description)
        } catch is ChannelError {
            throw ClientError.agentUnavailable(path: socket)
        } catch is IOError {
            throw ClientError.agentUnavailable(path: socket)
        }
    }

    /// - Throws: `agentUnavailable` when the agent closes the connection early.
    private static func body(of inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws -> [UInt8] {
        var received: [UInt8] = []
        var length: Int?
        for try await part in inbound {
            received += part.readableBytesView
            if length == nil, received.count >= SSHAgentReply.lengthBytes {
                length = try SSHAgentReply.bodyLength(header: Array(received.prefix(SSHAgentReply.lengthBytes)))
            }
            if let length, received.count >= SSHAgentReply.lengthBytes + length {
                guard received.count == SSHAgentReply.lengthBytes + length else {
                    throw ClientError.agent("ssh-agent answered with more than one message")
                }
                return Array(received.dropFirst(SSHAgentReply.lengthBytes))
            }
        }
        throw ClientError.agent("ssh-agent closed the connection without an answer")
    }
}
