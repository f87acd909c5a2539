// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
package import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
package import Notifications

/// POSTs to a webhook, Slack or Teams. Redirects are not followed: whoever controls the receiver does not choose where inside
/// our network a request goes.
package struct HTTPTransport: Transport {
    private let url: WebLink
    private let shape: @Sendable (Notice, Date) throws -> HTTPMessage
    private let trustRoots: String?
    private let timeout: Duration

    /// What is read of a reply, of which the status alone matters.
    private static let maximumReplyBytes = 64 << 10

    /// - Parameter timeout: for connecting, sending and the whole reply.
    package init(
        url: WebLink, trustRoots: String? = nil, timeout: Duration = .seconds(10),
        shape: @escaping @Sendable (Notice, Date) throws -> HTTPMessage
    ) {
        self.url = url
        self.trustRoots = trustRoots
        self.timeout = timeout
        self.shape = shape
    }

    package func send(_ notice: Notice, at time: Date) async throws(DeliveryProblem) -> Receipt {
        do {
            return Receipt(try await post(try shape(notice, time)))
        } catch {
            throw DeliveryProblem(error)
        }
    }

    private func post(_ message: HTTPMessage) async throws -> String {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try .receiver(roots: trustRoots), redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(timeout)))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        var request = HTTPClientRequest(url: url.text)
        request.method = .POST
        for header in message.headers { request.headers.add(name: header.name, value: header.value) }
        request.headers.add(name: "user-agent", value: "mayfly")
        request.body = .bytes(message.body)
        let sent = request
        // Deliveries are rare: a client for each leaves no connection open that the other side might have closed.
        return try await HTTPClient.withHTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup, configuration: configuration
        ) { http in
            let end = ContinuousClock.now + timeout
            // This limit holds until the head of the reply has come; the body has no other end than the one we set.
            let response = try await http.execute(sent, timeout: TimeAmount(timeout))
            await Self.drain(response.body, until: end)
            return try Self.outcome(of: response)
        }
    }

    /// The status has come, and it alone counts: what is wrong with the rest, or how long it takes, is nothing to us.
    private static func drain(_ body: HTTPClientResponse.Body, until end: ContinuousClock.Instant) async {
        await withTaskGroup { group in
            group.addTask {
                var count = 0
                do {
                    for try await part in body {
                        count += part.readableBytes
                        if count > maximumReplyBytes { return }
                    }
                } catch {}
            }
            group.addTask { try? await Task.sleep(until: end) }
            await group.next()
            group.cancelAll()
        }
    }

    private static func outcome(of response: HTTPClientResponse) throws(DeliveryProblem) -> String {
        switch response.status.code {
        case 200..<300: return "answered \(response.status.code)"
        case 300..<400: throw .redirected(status: Int(response.status.code))
        default:
            let retryAfter = response.headers.first(name: "retry-after").flatMap { Int($0) }
            throw .answered(status: Int(response.status.code), retryAfter: retryAfter.map { max(0, $0) })
        }
    }
}
