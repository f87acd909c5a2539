// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL
import ServiceAPI
import SystemPackage

extension ClientError {
    /// Whether the same call may be answered in a while: it is none of the server's last words.
    package var mayPass: Bool {
        switch self {
        case .unreachable: true
        case .problem(let problem): problem.kind == .tooManyRequests || problem.kind == .unavailable
        default: false
        }
    }

    /// What a failed connection means for the person who waits for it.
    init(_ error: any Error, server: ServerAddress) {
        self =
            switch error {
            case let error as ClientError: error
            case NIOSSLError.handshakeFailed(let reason): Self.handshake(reason, server)
            case let error as NIOSSLExtraError where error == .failedToValidateHostname:
                .tlsFailed(server: server.url, reason: "its certificate is not for `\(server.host)`")
            case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate: .untrustedServer(server.url)
            case let error as BoringSSLError: Self.handshake(error, server)
            case is NIOSSLError, is NIOSSLExtraError:
                .tlsFailed(server: server.url, reason: "the TLS handshake failed")
            case let error as NIOConnectionError: .unreachable(server: server.url, reason: Self.reason(error))
            case let error as IOError: .unreachable(server: server.url, reason: Self.text(error))
            case ChannelError.connectTimeout: .unreachable(server: server.url, reason: "no answer in time")
            case let error as HTTPClientError: .unreachable(server: server.url, reason: error.shortDescription)
            default: .unreachable(server: server.url, reason: "\(error)")
            }
    }

    private static func handshake(_ error: BoringSSLError, _ server: ServerAddress) -> ClientError {
        guard case .sslError(let stack) = error else {
            return .tlsFailed(server: server.url, reason: "the TLS handshake failed")
        }
        let text = stack.map(\.description).joined(separator: " ")
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return .untrustedServer(server.url) }
        // An alert of the server: it does not take our certificate.
        return .tlsFailed(
            server: server.url,
            reason: text.contains("ALERT_CERTIFICATE") || text.contains("ALERT_UNKNOWN_CA")
                ? "the server does not accept our certificate" : "the TLS handshake failed")
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if let last = error.connectionErrors.last { return (last.error as? IOError).map(text) ?? "\(last.error)" }
        return error.dnsAError == nil && error.dnsAAAAError == nil ? "no connection" : "its name is not known"
    }

    private static func text(_ error: IOError) -> String {
        error.errnoCode == 0 ? "no connection" : Errno(rawValue: error.errnoCode).description.lowercased()
    }
}
