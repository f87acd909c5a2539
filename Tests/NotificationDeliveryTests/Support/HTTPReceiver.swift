// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import TestSupport

/// A receiver of HTTP on this machine: answers each request with the next status of its script, the last one for ever, and
/// each with the same body.
final class HTTPReceiver: RunningServer {
    struct Request: Sendable {
        let path: String
        let headers: HTTPHeaders
        let body: [UInt8]
    }

    private let channel: any Channel
    fileprivate let state: Script

    var port: Int { channel.localAddress?.port ?? 0 }
    var requests: [Request] { state.requests.withLock { $0 } }

    enum Body: Sendable {
        case empty
        /// One byte of ten.
        case stalling
        /// Byte by byte, without end.
        case trickling
    }

    final class Script: Sendable {
        let requests = Mutex<[Request]>([])
        let statuses: [Int?]
        let body: Body

        init(_ statuses: [Int?], _ body: Body) {
            (self.statuses, self.body) = (statuses, body)
        }

        /// nil: never.
        func answer(to request: Request) -> Int? {
            requests.withLock { requests in
                requests.append(request)
                return statuses[min(requests.count, statuses.count) - 1]
            }
        }
    }

    /// - Parameter statuses: nil is a request that is never answered.
    init(_ statuses: [Int?], body: Body = .empty) async throws {
        let script = Script(statuses, body)
        state = script
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answers(script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func stop() async { try? await channel.close() }
}

private final class Answers: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let script: HTTPReceiver.Script
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(_ script: HTTPReceiver.Script) {
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let part): body += part.readableBytesView
        case .end:
            guard let head, let status = script.answer(to: .init(path: head.uri, headers: head.headers, body: body)) else {
                return
            }
            body = []
            var headers: HTTPHeaders =
                switch script.body {
                case .empty: ["content-length": "0"]
                case .stalling: ["content-length": "10"]
                case .trickling: ["transfer-encoding": "chunked"]
                }
            if (300..<400).contains(status) { headers.add(name: "location", value: "/elsewhere") }
            if status == 503 { headers.add(name: "retry-after", value: "120") }
            let answer = HTTPResponseHead(version: head.version, status: .init(statusCode: status), headers: headers)
            context.write(wrapOutboundOut(.head(answer)), promise: nil)
            switch script.body {
            case .empty: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .stalling: writeByte(context)
            case .trickling: trickle(context)
            }
        }
    }

    private func writeByte(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: [0x20])))), promise: nil)
    }

    private func trickle(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        writeByte(context)
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(20)) { self.trickle(context) }
    }
}
