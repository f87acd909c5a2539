// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Issuance
import Logging
import NIOCore
import ServiceAPI
import X509Certificates

/// The second listener, over plain HTTP: signed documents and public keys for whoever asks, and nothing else. Whoever fetches a
/// list over TLS may need a list for that (RFC 5280 §8); every document here is signed, or is a key to be compared.
struct PublicationResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let publication: Publication
    let clock: any WallClock

    /// How long a proxy may answer in our place: what was revoked is known everywhere after this.
    private static let cacheSeconds = 60

    func respond(to request: Request, context: Context) async throws -> Response {
        do {
            return try await answer(request)
        } catch {
            let problem = Problem(error, requestID: UUID().uuidString.lowercased())
            if problem.kind == .internalError {
                context.logger.error("publication", metadata: ["error": .string(String(reflecting: error))])
            }
            return Response(problem, allow: error as? CallError)
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        let path = request.uri.path
        if path == Publication.Path.ocsp {
            guard request.method == .post else { throw CallError.methodNotAllowed(["POST"]) }
            return try await status(Array(try await body(of: request).readableBytesView), isCacheable: false)
        }
        if path.hasPrefix(Publication.Path.ocsp + "/") {
            guard request.method == .get else { throw CallError.methodNotAllowed(["GET"]) }
            return try await status(Self.request(in: path), isCacheable: true)
        }
        guard let document = try publication.document(at: path) else { throw CallError.noSuchPath }
        guard request.method == .get || request.method == .head else { throw CallError.methodNotAllowed(["GET", "HEAD"]) }
        return reply(document, to: request)
    }

    private func reply(_ document: PublishedDocument, to request: Request) -> Response {
        let tag =
            "\"" + SHA256.hash(data: document.bytes).prefix(16).map { String($0, radix: 36) }.joined(separator: "-") + "\""
        let remaining = document.endsAt.map { Int($0.timeIntervalSince(clock.now)) } ?? Self.cacheSeconds
        var headers: HTTPFields = [
            .eTag: tag, .cacheControl: "public, max-age=\(max(0, min(Self.cacheSeconds, remaining))), must-revalidate",
        ]
        if let date = document.changedAt { headers[.lastModified] = date.httpDate }
        if request.headers[.ifNoneMatch].map({ $0 == "*" || $0.contains(tag) }) == true {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = document.contentType
        if request.method == .head {
            headers[.contentLength] = String(document.bytes.count)
            return Response(status: .ok, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: document.bytes)))
    }

    /// RFC 6960 appendix A and the headers of RFC 5019 §5.
    private func status(_ request: [UInt8], isCacheable: Bool) async throws -> Response {
        let response = try await publication.responder.answer(request)
        var headers: HTTPFields = [.contentType: "application/ocsp-response"]
        if let validity = response.validity, response.isCacheable, isCacheable {
            let seconds = max(0, min(Self.cacheSeconds, Int(validity.nextUpdate.timeIntervalSince(clock.now))))
            headers[.cacheControl] = "public, max-age=\(seconds), no-transform, must-revalidate"
            headers[.lastModified] = validity.thisUpdate.httpDate
            headers[.expires] = validity.nextUpdate.httpDate
        } else {
            headers[.cacheControl] = "no-store"
        }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: response.der)))
    }

    private func body(of request: Request) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: OCSPRequest.maximumBytes)
        } catch is NIOTooManyBytesError {
            throw CallError.tooLarge(limit: OCSPRequest.maximumBytes)
        }
    }

    /// What stands in a path, base64 in percent encoding. What is neither is empty, which is no request.
    private static func request(in path: String) -> [UInt8] {
        guard let text = path.dropFirst(Publication.Path.ocsp.count + 1).removingPercentEncoding,
            let data = Data(base64Encoded: text)
        else { return [] }
        return Array(data)
    }
}

extension Date {
    /// RFC 9110 §5.6.7.
    fileprivate var httpDate: String {
        formatted(
            Date.VerbatimFormatStyle(
                format: """
                    \(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \
                    \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\
                    \(second: .twoDigits) GMT
                    """,
                locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt, calendar: Calendar(identifier: .gregorian)))
    }
}
