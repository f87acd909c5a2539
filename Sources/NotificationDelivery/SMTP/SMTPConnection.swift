// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

/// A connection to a mail server, from its greeting to QUIT. Every wait ends at the deadline, or when the task is cancelled.
struct SMTPConnection: Sendable {
    private let channel: any Channel
    private let host: String
    private let tls: NIOSSLContext

    private static let connectTimeout = TimeAmount.seconds(10)

    /// - Parameters:
    ///   - isSecured: TLS from the first byte.
    ///   - timeout: for all that `body` does.
    static func opened<Result: Sendable>(
        to host: String, port: Int, isSecured: Bool, tls configuration: TLSConfiguration, timeout: Duration,
        _ body: @Sendable (SMTPConnection) async throws -> Result
    ) async throws -> Result {
        let tls = try NIOSSLContext(configuration: configuration)
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let greeting = loop.makePromise(of: SMTPReply.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop).connectTimeout(connectTimeout)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if isSecured { try channel.pipeline.syncOperations.addHandler(try handler(tls, host)) }
                        try channel.pipeline.syncOperations.addHandler(SMTPClientHandler(greeting: greeting))
                    }
                }
                .connect(host: host, port: port).get()
        } catch {
            greeting.fail(DeliveryProblem.unreachable)
            throw error
        }
        let deadline = loop.scheduleTask(in: TimeAmount(timeout)) {
            channel.pipeline.fireErrorCaught(DeliveryProblem.timedOut)
        }
        defer { deadline.cancel() }
        do {
            let result = try await withTaskCancellationHandler {
                try Self.expect(220, "the connection", try await greeting.futureResult.get())
                return try await body(SMTPConnection(channel: channel, host: host, tls: tls))
            } onCancel: {
                channel.pipeline.fireErrorCaught(DeliveryProblem.stopped)
            }
            try? await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// - Parameter step: what an error names; the command itself may hold a password.
    @discardableResult
    func send(_ command: String, expecting code: Int, as step: String) async throws -> SMTPReply {
        let reply = try await send(Array((command + "\r\n").utf8))
        try Self.expect(code, step, reply)
        return reply
    }

    func send(_ bytes: [UInt8]) async throws -> SMTPReply {
        let promise = channel.eventLoop.makePromise(of: SMTPReply.self)
        channel.writeAndFlush(SMTPCommand(bytes: ByteBuffer(bytes: bytes), reply: promise), promise: nil)
        return try await promise.futureResult.get()
    }

    /// From here on everything goes through TLS. What the server has said before counts no more (RFC 3207 §4.2).
    func startTLS() async throws {
        try await send("STARTTLS", expecting: 220, as: "STARTTLS")
        try await channel.eventLoop.submit { [channel, tls, host] in
            try channel.pipeline.syncOperations.addHandler(try Self.handler(tls, host), position: .first)
        }.get()
    }

    /// An address stands in no Server Name Indication (RFC 6066 §3); without a name the certificate must have the address.
    private static func handler(_ tls: NIOSSLContext, _ host: String) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host)
    }

    static func expect(_ code: Int, _ step: String, _ reply: SMTPReply) throws(DeliveryProblem) {
        guard reply.code == code else {
            // A server might repeat what it was told to log in with.
            throw .smtpRefused(step: step, code: reply.code, text: step == "AUTH" ? "" : reply.text)
        }
    }
}
