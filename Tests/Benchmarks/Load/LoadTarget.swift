// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import ServiceAPI

/// A running server, seen by a person who is logged in to it: the state that `mayfly login` left in `$MAYFLY_HOME`.
struct LoadTarget: Sendable {
    let authority: String
    let authorities: Authorities
    private let host: String
    private let port: Int
    private let tls: NIOSSLContext

    init(url: String, home: String) throws {
        guard let components = URL(string: url), components.scheme == "https", let host = components.host,
            let port = components.port
        else { throw BenchmarkError.unusableURL(url) }
        self.host = host
        self.port = port
        authority = "\(host):\(port)"
        let state = "\(home)/servers/\(authority)"
        authorities = try JSONDecoder().decode(
            Authorities.self, from: try Data(contentsOf: URL(fileURLWithPath: state + "/authorities.json")))
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.trustRoots = .file(state + "/service.pem")
        configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(state + "/session.pem")
            .map(NIOSSLCertificateSource.certificate)
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: state + "/session.pem", format: .pem))
        tls = try NIOSSLContext(configuration: configuration)
    }

    func connect(
        on group: any EventLoopGroup, _ connection: @escaping @Sendable () -> LoadConnection
    ) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        try NIOSSLClientHandler(context: tls, serverHostname: host), connection(),
                    ])
                }
            }
            .connect(host: host == "localhost" ? "127.0.0.1" : host, port: port)
    }

    /// The reply to one request on a connection of its own.
    func reply(to request: ByteBuffer, on group: any EventLoopGroup) async throws -> HTTPReply {
        let promise = group.next().makePromise(of: HTTPReply.self)
        let connected = connect(on: group) {
            LoadConnection(
                first: request, startedAt: .now,
                next: { reply, _ in
                    promise.succeed(reply)
                    return nil
                },
                ended: { error in if let error { promise.fail(error) } })
        }
        connected.whenFailure { promise.fail($0) }
        return try await promise.futureResult.get()
    }
}
