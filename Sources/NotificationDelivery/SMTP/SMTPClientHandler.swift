// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Bytes for the server, and who waits for its reply.
struct SMTPCommand: Sendable {
    /// nil: only wait, as for the greeting.
    let bytes: ByteBuffer?
    let reply: EventLoopPromise<SMTPReply>
}

/// One command, one reply.
final class SMTPClientHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = SMTPCommand
    typealias OutboundOut = ByteBuffer

    private var reader = SMTPReplyReader()
    private var waiting: EventLoopPromise<SMTPReply>?
    private var failure: DeliveryProblem?

    /// - Parameter greeting: which the server says unasked.
    init(greeting: EventLoopPromise<SMTPReply>) {
        waiting = greeting
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let command = unwrapOutboundIn(data)
        if let failure {
            command.reply.fail(failure)
            promise?.fail(failure)
            return
        }
        waiting = command.reply
        if let bytes = command.bytes { context.writeAndFlush(wrapOutboundOut(bytes), promise: promise) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            guard let promise = waiting else { throw DeliveryProblem.malformedReply }
            guard let reply = try reader.read(unwrapInboundIn(data).readableBytesView) else { return }
            waiting = nil
            promise.succeed(reply)
        } catch {
            fail(context, error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, DeliveryProblem.closed)
    }

    private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
        let problem = failure ?? DeliveryProblem(error)
        failure = problem
        waiting?.fail(problem)
        waiting = nil
        context.close(promise: nil)
    }
}
