// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Waits on a port of 127.0.0.1 for the browser that comes back from an identity provider (RFC 8252 §7.3).
final class CallbackListener: Sendable {
    let port: Int
    private let channel: any Channel
    private let expectation: CallbackExpectation
    private let callbacks: AsyncStream<AuthorizationCallback>

    private init(channel: any Channel, expectation: CallbackExpectation, callbacks: AsyncStream<AuthorizationCallback>) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
        self.expectation = expectation
        self.callbacks = callbacks
    }

    /// The port is closed when `body` returns.
    /// - Parameter port: nil for any.
    static func listening<Result: Sendable>(
        on port: Int? = nil, _ body: (CallbackListener) async throws -> Result
    ) async throws -> Result {
        let (callbacks, continuation) = AsyncStream.makeStream(of: AuthorizationCallback.self)
        let expectation = CallbackExpectation(found: continuation)
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(CallbackHandler(expectation))
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: "127.0.0.1", port: port ?? 0).get()
        } catch {
            throw ClientError.portTaken(port ?? 0)
        }
        do {
            let result = try await body(
                CallbackListener(channel: channel, expectation: expectation, callbacks: callbacks))
            try? await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    /// From now on the redirect that carries `state` is taken; any other is told that nobody waits for it. Said before the
    /// browser is opened, which may be back sooner than whoever opened it.
    func expect(state: String) {
        expectation.state.withLock { $0 = state }
    }

    /// The redirect that is expected.
    /// - Throws: `ClientError.loginTimedOut`
    func callback(until end: Date) async throws -> AuthorizationCallback {
        let callbacks = callbacks
        let found = try await withThrowingTaskGroup(of: AuthorizationCallback?.self) { group in
            group.addTask { await callbacks.first { _ in true } }
            group.addTask {
                try await Task.sleep(for: .seconds(max(0, end.timeIntervalSinceNow)))
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let found else { throw ClientError.loginTimedOut }
        return found
    }
}

/// What the identity provider sends the browser back with (RFC 6749 §4.1.2, RFC 9207 §2).
struct AuthorizationCallback: Sendable, Equatable {
    /// Or the error code.
    var code: Result
    var issuer: String?

    enum Result: Sendable, Equatable {
        case granted(String)
        case refused(String)
    }
}

/// Which redirect is waited for. Until it is known, none is taken.
private final class CallbackExpectation: Sendable {
    let state = Mutex<String?>(nil)
    let found: AsyncStream<AuthorizationCallback>.Continuation

    init(found: AsyncStream<AuthorizationCallback>.Continuation) {
        self.found = found
    }
}

private final class CallbackHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let expectation: CallbackExpectation
    private var answer: (status: HTTPResponseStatus, text: String)?

    init(_ expectation: CallbackExpectation) {
        self.expectation = expectation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): answer = answer(to: head)
        case .body: break
        case .end:
            let (status, text) = answer ?? (.badRequest, "")
            var headers: HTTPHeaders = [
                "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "connection": "close",
                // The address has the code in it.
                "referrer-policy": "no-referrer",
            ]
            headers.add(name: "content-length", value: "\(text.utf8.count)")
            context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            let channel = context.channel
            context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(to head: HTTPRequestHead) -> (HTTPResponseStatus, String) {
        guard head.method == .GET, let parts = URLComponents(string: head.uri), parts.path == "/callback" else {
            return (.notFound, "There is nothing here.\n")
        }
        let items = parts.queryItems ?? []
        func value(_ name: String) -> String? {
            let values = items.filter { $0.name == name }.compactMap(\.value)
            return values.count == 1 ? values.first : nil
        }
        // Whoever made the browser come here with another login than the one that waits.
        guard let state = value("state"), let expected = expectation.state.withLock({ $0 }),
            state.utf8.elementsEqual(expected.utf8)
        else { return (.badRequest, "This is not the login that `mayfly login` waits for.\n") }
        if let code = value("code"), (1...4096).contains(code.utf8.count) {
            expectation.found.yield(.init(code: .granted(code), issuer: value("iss")))
            return (.ok, "You can close this window and go back to your terminal.\n")
        }
        expectation.found.yield(.init(code: .refused(value("error") ?? "no code"), issuer: value("iss")))
        return (.ok, "The login was refused. The rest is in your terminal.\n")
    }
}
