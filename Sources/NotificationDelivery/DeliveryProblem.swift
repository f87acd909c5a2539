// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

/// Why a receiver did not take a notice. Holds no URL and no secret: it is logged and stored.
package enum DeliveryProblem: Error, Equatable, CustomStringConvertible {
    /// `retryAfter`: the seconds it asked to wait (RFC 9110 §10.2.3).
    case answered(status: Int, retryAfter: Int?)
    case redirected(status: Int)
    case unreachable
    case timedOut
    case tlsFailed(String)
    case closed
    case malformedReply
    case smtpRefused(step: String, code: Int, text: String)
    case noSTARTTLS
    case noAuthPlain
    case authWithoutTLS
    case unusableTrustRoots
    case unreadable
    /// This server stops; whether the receiver got it is not known.
    case stopped
    case other(String)

    package var description: String {
        switch self {
        case .answered(let status, _): "it answered \(status)"
        case .redirected(let status): "it answered \(status); redirects are not followed"
        case .unreachable: "it cannot be reached"
        case .timedOut: "it did not answer in time"
        case .tlsFailed(let reason): "no TLS connection: \(reason)"
        case .closed: "it closed the connection"
        case .malformedReply: "its reply is malformed"
        case .smtpRefused(let step, let code, let text): "\(step) was answered with \(code)\(text.isEmpty ? "" : " \(text)")"
        case .noSTARTTLS: "it does not offer STARTTLS, and nothing is sent without"
        case .noAuthPlain: "it does not offer AUTH PLAIN"
        case .authWithoutTLS: "a password is never sent without TLS"
        case .unusableTrustRoots: "the certificates of `ca_file` cannot be read"
        case .unreadable: "the stored notice cannot be read"
        case .stopped: "this server stopped meanwhile"
        case .other(let type): "it failed with \(type)"
        }
    }

    var retryAfter: Double? {
        if case .answered(_, let seconds?) = self { Double(seconds) } else { nil }
    }

    /// Only the kind of an error of a library is kept: its text may hold the URL.
    init(_ error: any Error) {
        switch error {
        case let problem as DeliveryProblem: self = problem
        case is CancellationError: self = .stopped
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .readTimeout, .writeTimeout, .deadlineExceeded, .tlsHandshakeTimeout: self = .timedOut
            case .remoteConnectionClosed: self = .closed
            case .cancelled: self = .stopped
            default: self = .other(error.shortDescription)
            }
        case is NIOConnectionError, is IOError: self = .unreachable
        case let error as NIOSSLExtraError: self = .tlsFailed(error.description)
        case let error as NIOSSLError: self = .tlsFailed("\(error)")
        case let error as BoringSSLError: self = .tlsFailed("\(error)")
        case is ChannelError: self = .closed
        default: self = .other("\(type(of: error))")
        }
    }
}
