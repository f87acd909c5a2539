// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

@testable import Client

/// An HTTPS server in this process that answers as a test wants, and keeps what it was asked.
final class TestServer: Sendable {
    struct Call: Sendable {
        let method: HTTPMethod
        let uri: String
        let headers: HTTPHeaders
        let body: [UInt8]
    }

    enum Answer: Sendable {
        case json(String, status: HTTPResponseStatus = .ok)
        case bytes(Int)
        case redirect(to: String)
        /// The connection ends without an answer.
        case none
    }

    let address: ServerAddress
    private let channel: any Channel
    private let received: Received

    private final class Received: Sendable {
        let calls = Mutex<[Call]>([])
    }

    var calls: [Call] { received.calls.withLock { $0 } }

    /// - Parameter answer: is told how many calls there were before.
    init(tls: NIOSSLContext, answer: @escaping @Sendable (Call, Int) -> Answer = { _, _ in .json("{}") }) async throws {
        let received = Received()
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: tls))
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(
                        Handler { call in
                            answer(
                                call,
                                received.calls.withLock {
                                    $0.append(call)
                                    return $0.count - 1
                                })
                        })
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        address = try ServerAddress("https://localhost:\(channel.localAddress?.port ?? 0)")
        self.received = received
    }

    deinit { channel.close(promise: nil) }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let answer: (Call) -> Answer
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(answer: @escaping (Call) -> Answer) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part):
                body += part.readableBytesView
            case .end:
                guard let head else { return }
                reply(answer(Call(method: head.method, uri: head.uri, headers: head.headers, body: body)), context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func reply(_ answer: Answer, _ context: ChannelHandlerContext) {
            switch answer {
            case .none: context.close(promise: nil)
            case .json(let text, let status): write(status, ["content-type": "application/json"], Array(text.utf8), context)
            case .bytes(let count): write(.ok, [:], [UInt8](repeating: 0x20, count: count), context)
            case .redirect(let url): write(.found, ["location": url], [], context)
            }
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
}
