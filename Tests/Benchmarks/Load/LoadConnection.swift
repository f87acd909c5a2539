// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// One connection of a closed loop: a request goes out when the reply to the one before is complete.
final class LoadConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Gets each reply and its latency; gives the next request, or nil to close.
    private let next: (HTTPReply, Duration) -> ByteBuffer?
    /// Is told once that the connection ended, and why where it should not have.
    private let ended: ((any Error)?) -> Void
    private let first: ByteBuffer
    private var received = ByteBuffer()
    private var sentAt: ContinuousClock.Instant
    private var isAwaiting = true
    private var error: (any Error)?

    /// - Parameter startedAt: when the connection was begun: its making counts to the latency of the first request.
    init(
        first: ByteBuffer, startedAt: ContinuousClock.Instant, next: @escaping (HTTPReply, Duration) -> ByteBuffer?,
        ended: @escaping ((any Error)?) -> Void
    ) {
        self.first = first
        sentAt = startedAt
        self.next = next
        self.ended = ended
    }

    func channelActive(context: ChannelHandlerContext) {
        // The TLS handler keeps it until the handshake is done.
        context.writeAndFlush(wrapOutboundOut(first), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        received.writeBuffer(&part)
        do {
            guard let reply = try HTTPReply(reading: &received) else { return }
            received.discardReadBytes()
            let now = ContinuousClock.now
            guard let request = next(reply, now - sentAt) else {
                isAwaiting = false
                return context.close(promise: nil)
            }
            sentAt = now
            context.writeAndFlush(wrapOutboundOut(request), promise: nil)
        } catch {
            errorCaught(context: context, error: error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if self.error == nil { self.error = error }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(isAwaiting ? error ?? BenchmarkError.unexpected("the server closed the connection") : nil)
    }
}
