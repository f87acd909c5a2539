// SPDX-License-Identifier: Apache-2.0

import Foundation
import Issuance
import Logging
import NIOHTTP1
import NotificationDelivery
import Notifications
import TestSupport
import Testing

/// Against a receiver that speaks real HTTP.
@Suite(.timeLimit(.minutes(10))) struct HTTPTransportTests {
    private let outside: Outside
    private let notice: Notice

    init() throws {
        outside = try Outside()
        notice = try outside.notice("msg_1", to: [])
    }

    private func transport(_ port: Int, timeout: Duration = .seconds(10)) throws -> HTTPTransport {
        HTTPTransport(url: try WebLink("http://127.0.0.1:\(port)/hook"), timeout: timeout) { notice, _ in try notice.slack() }
    }

    @Test func `a receiver gets what was shaped for it`() async throws {
        try await serving(try await HTTPReceiver([204])) { receiver in
            #expect(try await transport(receiver.port).send(notice, at: outside.clock.now) == Receipt("answered 204"))
            let request = try #require(receiver.requests.first)
            #expect(request.path == "/hook")
            #expect(request.body == (try notice.slack().body))
            #expect(request.headers.first(name: "content-type") == "application/json")
        }
    }

    @Test func `a redirect is not followed`() async throws {
        try await serving(try await HTTPReceiver([302, 200])) { receiver in
            await #expect(throws: DeliveryProblem.redirected(status: 302)) {
                try await transport(receiver.port).send(notice, at: outside.clock.now)
            }
            #expect(receiver.requests.map(\.path) == ["/hook"])
        }
    }

    @Test func `how long to wait is heard`() async throws {
        try await serving(try await HTTPReceiver([503])) { receiver in
            _ = await #expect(throws: DeliveryProblem.answered(status: 503, retryAfter: 120)) {
                try await transport(receiver.port).send(notice, at: outside.clock.now)
            }
        }
    }

    @Test func `a receiver that never answers is left`() async throws {
        try await serving(try await HTTPReceiver([nil])) { receiver in
            _ = await #expect(throws: DeliveryProblem.timedOut) {
                try await transport(receiver.port, timeout: .milliseconds(300)).send(notice, at: outside.clock.now)
            }
        }
    }

    /// The status says whether it took it; the rest is waited for no longer than for the status.
    @Test(arguments: [HTTPReceiver.Body.stalling, .trickling])
    func `a reply that never ends is left`(_ body: HTTPReceiver.Body) async throws {
        try await serving(try await HTTPReceiver([200, 500], body: body)) { receiver in
            let transport = try transport(receiver.port, timeout: .milliseconds(300))
            #expect(try await transport.send(notice, at: outside.clock.now) == Receipt("answered 200"))
            await #expect(throws: DeliveryProblem.answered(status: 500, retryAfter: nil)) {
                try await transport.send(notice, at: outside.clock.now)
            }
        }
    }

    @Test func `a receiver that is down is unreachable`() async throws {
        let port = try Loopback.freePort()
        await #expect(throws: DeliveryProblem.unreachable) {
            try await transport(port).send(notice, at: outside.clock.now)
        }
    }

    @Test func `what failed once is told at the next attempt`() async throws {
        try await serving(try await HTTPReceiver([500, 200])) { receiver in
            let name = try ReceiverName.named("hook")
            let store = try await outside.store()
            #expect(try await outside.commit([try outside.notice("msg_1", to: [name])], to: store).isCommitted)
            let courier = Courier(
                outbox: store, lanes: [name: try transport(receiver.port)], clock: outside.clock, chance: { 1 },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            #expect(try await courier.round(for: name) == Courier.Round(delivered: 0, failed: 1))
            #expect(try await courier.round(for: name) == .init())
            outside.clock.advance(2)
            #expect(try await courier.round(for: name) == .init(delivered: 1, failed: 0))
            #expect(receiver.requests.count == 2)
        }
    }
}
