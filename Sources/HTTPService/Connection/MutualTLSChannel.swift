// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// TLS in front of HTTP/1: takes the newest server certificate for each connection, and keeps the client certificate
/// that the handshake accepted for the requests that come over it.
struct MutualTLSChannel<Base: ServerChildChannel & HTTPChannelHandler>: ServerChildChannel, HTTPChannelHandler {
    let base: Base
    let identity: ServerTLS
    let trust: ClientTrust

    var responder: HTTPChannelHandler.Responder { base.responder }

    struct Value: ServerChildChannelValue {
        let base: Base.Value
        let peer: ConnectionPeer
        var channel: any Channel { base.channel }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let peer = ConnectionPeer(address: channel.remoteAddress, trust: trust)
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers([
                NIOSSLServerHandler(context: identity.context) { chain, verdict in
                    verdict.succeed(peer.accepts(chain) ? .certificateVerified : .failed)
                }, PeerCertificateHandler(peer: peer),
            ])
        }.flatMap {
            base.setup(channel: channel, logger: logger).map { Value(base: $0, peer: peer) }
        }
    }

    func handle(value: Value, logger: Logger) async {
        await ConnectionPeer.$current.withValue(value.peer) {
            await base.handle(value: value.base, logger: logger)
        }
    }
}

/// Notes the client certificate when the handshake is done.
private final class PeerCertificateHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let peer: ConnectionPeer

    init(peer: ConnectionPeer) {
        self.peer = peer
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event {
            let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            peer.handshakeCompleted(with: handler?.peerCertificate)
        }
        context.fireUserInboundEventTriggered(event)
    }
}
