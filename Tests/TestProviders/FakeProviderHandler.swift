// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1

final class FakeProviderHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: (FakeProvider.Call) -> FakeProvider.Answer
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(answer: @escaping (FakeProvider.Call) -> FakeProvider.Answer) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
        case .body(let part): body += part.readableBytesView
        case .end:
            guard let head else { return }
            let form = FakeProvider.query("?" + String(decoding: body, as: UTF8.self))
            reply(
                answer(
                    .init(
                        uri: head.uri, form: form,
                        authorization: head.headers.first(name: "authorization"))), context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func reply(_ answer: FakeProvider.Answer, _ context: ChannelHandlerContext) {
        switch answer {
        case .silence: break
        case .json(let text, let status):
            write(.init(statusCode: status), ["content-type": "application/json"], Array(text.utf8), context)
        case .bytes(let count): write(.ok, [:], [UInt8](repeating: 0x20, count: count), context)
        case .redirect(let url): write(.found, ["location": url], [], context)
        case .drip:
            context.write(
                wrapOutboundOut(.head(.init(version: .http1_1, status: .ok, headers: ["content-length": "1000"]))), promise: nil
            )
            context.flush()
            drip(context)
        }
    }

    private func drip(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: " ")))), promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(50)) { self.drip(context) }
    }

    private func write(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: [UInt8], _ context: ChannelHandlerContext
    ) {
        var headers = headers
        headers.add(name: "content-length", value: "\(body.count)")
        context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
