// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import NIOCore
import NIOPosix
import NIOSSL
import SwiftASN1
import Synchronization
import X509

/// The certificate that a server's identity hangs on, and that clients pin.
package struct ServiceCA: Hashable, Sendable {
    package let pem: String
    /// SHA-256 over the DER: `SHA256:` and base64 without padding.
    package let fingerprint: String

    /// - Returns: `nil` when the certificate is not a self-issued CA.
    init?(der: [UInt8]) {
        guard let certificate = try? Certificate(derEncoded: der), certificate.issuer == certificate.subject,
            case .isCertificateAuthority = try? certificate.extensions.basicConstraints,
            let pem = try? certificate.serializeAsPEM().pemString
        else { return nil }
        self.pem = pem + "\n"
        fingerprint = Self.fingerprint(of: der)
    }

    static func fingerprint(of der: [UInt8]) -> String {
        "SHA256:" + Data(SHA256.hash(data: der)).base64EncodedString().prefix { $0 != "=" }
    }

    /// - Throws: `invalidFingerprint` for anything that cannot be one.
    package static func checkFingerprint(_ text: String) throws(ClientError) {
        let base64 = text.dropFirst("SHA256:".count)
        guard text.hasPrefix("SHA256:"), let hash = Data(base64Encoded: base64 + "="), hash.count == 32,
            hash.base64EncodedString() == base64 + "="
        else { throw .invalidFingerprint(text) }
    }
}

extension ServiceCA {
    /// The CA that the server presents, unverified: to be compared with a fingerprint that came another way.
    ///
    /// Nothing is sent to the server: the handshake is given up as soon as the certificates are here.
    /// - Parameter fingerprint: which of several to take.
    package static func presented(by address: ServerAddress, fingerprint: String? = nil) async throws -> ServiceCA {
        let found = try await certificates(presentedBy: address).compactMap(ServiceCA.init(der:))
        guard let last = found.last else { throw ClientError.noServiceCA(server: address.url) }
        guard let fingerprint else { return last }
        guard let match = found.first(where: { $0.fingerprint == fingerprint }) else {
            throw ClientError.otherServiceCA(
                server: address.url, expected: fingerprint, found: found.map(\.fingerprint))
        }
        return match
    }

    private static let timeout = TimeAmount.seconds(10)

    private static func certificates(presentedBy address: ServerAddress) async throws -> [[UInt8]] {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        let context = try NIOSSLContext(configuration: configuration)
        let name: String? = (try? SocketAddress(ipAddress: address.host, port: 0)) == nil ? address.host : nil
        let presented = Presented()
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(timeout)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handler = try NIOSSLClientHandler(context: context, serverHostname: name) { chain, verdict in
                            presented.keep(chain)
                            verdict.succeed(NIOSSLVerificationResult.failed)
                        }
                        try channel.pipeline.syncOperations.addHandlers([handler, CloseOnError()])
                    }
                }.connect(host: address.host, port: address.port).get()
            let deadline = channel.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
            try await channel.closeFuture.get()
            deadline.cancel()
        } catch {
            throw ClientError(error, server: address)
        }
        return presented.chain
    }

    private final class Presented: Sendable {
        private let certificates = Mutex<[[UInt8]]>([])
        var chain: [[UInt8]] { certificates.withLock { $0 } }

        func keep(_ chain: [NIOSSLCertificate]) {
            let der = chain.compactMap { try? $0.toDERBytes() }
            certificates.withLock { $0 = der }
        }
    }

    private final class CloseOnError: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
