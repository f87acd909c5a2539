// SPDX-License-Identifier: Apache-2.0

import Foundation
import Issuance
import Logging
import NotificationDelivery
import Notifications
import ServiceLifecycle
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10))) struct CourierTests {
    private let outside: Outside
    private let store: SQLStore
    private let oncall: ReceiverName
    private let audit: ReceiverName

    init() async throws {
        outside = try Outside()
        store = try await outside.store()
        oncall = try .named("oncall")
        audit = try .named("audit")
    }

    private func courier(
        _ lanes: [ReceiverName: any Transport], over store: SQLStore? = nil, schedule: RetrySchedule = .standard
    ) -> Courier {
        Courier(
            outbox: store ?? self.store, lanes: lanes, clock: outside.clock, schedule: schedule, chance: { 1 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `a notice of an act that was refused is never told`() async throws {
        let notice = try outside.notice("msg_1", to: [oncall])
        let refused = try await outside.commit([notice], to: store, preconditions: [.sessionIsActive(serial: "none")])
        #expect(refused == .refused(.sessionEnded))
        let transport = ScriptedTransport()
        #expect(try await courier([oncall: transport]).round(for: oncall) == .init())
        #expect(try await store.outboxCounts() == OutboxCounts(pending: 0, failed: 0))
    }

    @Test func `a notice is told once to each receiver it names, however often it is written`() async throws {
        let notice = try outside.notice("msg_1", to: [oncall, oncall])
        for _ in 1...2 { _ = try await outside.commit([notice], to: store) }
        let (first, second) = (ScriptedTransport(), ScriptedTransport())
        let courier = courier([oncall: first, audit: second])
        for _ in 1...3 {
            _ = try await courier.round(for: oncall)
            _ = try await courier.round(for: audit)
        }
        #expect(first.delivered == [notice.id])
        #expect(second.delivered.isEmpty)
    }

    @Test func `a dead receiver holds up no other`() async throws {
        let notices = try (1...10).map { try outside.notice("msg_\($0)", to: [oncall, audit]) }
        _ = try await outside.commit(notices, to: store)
        let dead = ScriptedTransport { _ in .unreachable }
        let alive = ScriptedTransport()
        let courier = courier([oncall: dead, audit: alive])
        for _ in 1...3 {
            _ = try await courier.round(for: oncall)
            _ = try await courier.round(for: audit)
        }
        #expect(Set(alive.delivered) == Set(notices.map(\.id)))
        #expect(try await store.outboxCounts() == OutboxCounts(pending: 10, failed: 0))
    }

    @Test func `two servers do not tell the same at the same time`() async throws {
        _ = try await outside.commit([try outside.notice("msg_1", to: [oncall])], to: store)
        let end = outside.clock.now.addingTimeInterval(Courier.lease)
        let first = try await store.claim(for: oncall, limit: 4, at: outside.clock.now, leaseEnd: end)
        #expect(first.count == 1)
        #expect(try await outside.store().claim(for: oncall, limit: 4, at: outside.clock.now, leaseEnd: end).isEmpty)
    }

    @Test func `what a server that died had taken goes out again after the lease`() async throws {
        let notice = try outside.notice("msg_1", to: [oncall])
        _ = try await outside.commit([notice], to: store)
        let end = outside.clock.now.addingTimeInterval(Courier.lease)
        _ = try await store.claim(for: oncall, limit: 4, at: outside.clock.now, leaseEnd: end)

        let transport = ScriptedTransport()
        let restarted = courier([oncall: transport], over: try await outside.store())
        #expect(try await restarted.round(for: oncall) == .init())
        outside.clock.advance(Courier.lease)
        #expect(try await restarted.round(for: oncall) == .init(delivered: 1, failed: 0))
        #expect(transport.delivered == [notice.id])
    }

    @Test func `a failure of a lease that another took over changes nothing`() async throws {
        _ = try await outside.commit([try outside.notice("msg_1", to: [oncall])], to: store)
        func claim() async throws -> Delivery {
            let end = outside.clock.now.addingTimeInterval(Courier.lease)
            return try #require(try await store.claim(for: oncall, limit: 1, at: outside.clock.now, leaseEnd: end).first)
        }
        let stale = try await claim()
        outside.clock.advance(Courier.lease)
        let fresh = try await claim()
        #expect(stale.attempt == 1)
        #expect(fresh.attempt == 2)
        try await store.settle(stale, as: .failed(at: outside.clock.now, problem: "late"))
        #expect(try await store.outboxCounts() == OutboxCounts(pending: 1, failed: 0))
        try await store.settle(fresh, as: .delivered(at: outside.clock.now))
        try await store.settle(fresh, as: .retry(at: outside.clock.now, problem: "no"))
        #expect(try await store.outboxCounts() == OutboxCounts(pending: 0, failed: 0))
    }

    /// With what they have in hand, which is due again at once: whether the receiver got it is not known.
    @Test func `lanes stop when the service does, whatever a receiver does`() async throws {
        _ = try await outside.commit([try outside.notice("msg_1", to: [oncall])], to: store)
        try await serving(try await HTTPReceiver([nil])) { silent in
            let transport = HTTPTransport(
                url: try WebLink("http://127.0.0.1:\(silent.port)/hook"), timeout: .seconds(86_400)
            ) { notice, _ in try notice.slack() }
            let service = ServiceGroup(services: [courier([oncall: transport])], logger: Logger(label: "test"))
            async let running: Void = service.run()
            try await eventually("nothing is sent") { !silent.requests.isEmpty }
            await service.triggerGracefulShutdown()
            try await running
        }
        let end = outside.clock.now.addingTimeInterval(Courier.lease)
        let due = try await store.claim(for: oncall, limit: 4, at: outside.clock.now, leaseEnd: end)
        #expect(due.map(\.attempt) == [2])
    }

    @Test func `attempts are bounded, and what was given up is counted and in the end deleted`() async throws {
        _ = try await outside.commit([try outside.notice("msg_1", to: [oncall])], to: store)
        let dead = ScriptedTransport { _ in .answered(status: 500, retryAfter: nil) }
        let courier = courier(
            [oncall: dead],
            schedule: RetrySchedule(firstDelay: 2, longestDelay: 10, maximumAttempts: 3, maximumAge: 86_400))
        for _ in 1...6 {
            _ = try await courier.round(for: oncall)
            outside.clock.advance(10)
        }
        #expect(dead.count == 3)
        #expect(try await store.outboxCounts() == OutboxCounts(pending: 0, failed: 1))
        outside.clock.advance(31 * 86_400)
        _ = try await store.prune(before: outside.clock.now, limit: 10)
        #expect(try await store.outboxCounts() == OutboxCounts(pending: 0, failed: 0))
    }

    @Test func `what is for nobody who is configured is given up with age`() async throws {
        _ = try await outside.commit([try outside.notice("msg_1", to: [oncall])], to: store)
        let courier = courier([audit: ScriptedTransport()])
        #expect(try await courier.giveUpOnTheOld() == 0)
        outside.clock.advance(RetrySchedule.standard.maximumAge + 1)
        #expect(try await courier.giveUpOnTheOld() == 1)
        #expect(try await store.outboxCounts() == OutboxCounts(pending: 0, failed: 1))
    }

    /// Servers that die after they took a notice, and after they sent it; receivers that fail by chance; restarts.
    @Test(arguments: 1...12) func `every notice reaches each live receiver it names, and no other`(_ seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let names = try (0..<4).map { try ReceiverName.named("receiver-\($0)") }
        // The last one is dead; the others fail up to two thirds of their attempts.
        let transports = names.enumerated().map { index, _ in
            let salt = random.next()
            return ScriptedTransport { attempt in
                var own = SeededGenerator(seed: salt &+ UInt64(attempt))
                return index == 3 || Int(own.next() % 3) < index ? .unreachable : nil
            }
        }
        let lanes = Dictionary(zip(names, transports).map { ($0, $1 as any Transport) }) { first, _ in first }
        var expected: [ReceiverName: Set<NoticeID>] = [:]
        var store = try await outside.store()
        for step in 0..<120 {
            if step < 30 {
                let recipients = names.filter { _ in random.next() % 2 == 0 }
                let notice = try outside.notice("msg_\(seed)_\(step)", to: recipients)
                #expect(try await outside.commit([notice], to: store).isCommitted)
                for name in recipients { expected[name, default: []].insert(notice.id) }
            }
            let name = names[Int(random.next() % 4)]
            if step < 90, random.next() % 5 == 0 {
                let end = outside.clock.now.addingTimeInterval(Courier.lease)
                let taken = try await store.claim(for: name, limit: 2, at: outside.clock.now, leaseEnd: end)
                if random.next() % 2 == 0, let notice = taken.first?.notice {
                    _ = try? await lanes[name]?.send(notice, at: outside.clock.now)
                }
                store = try await outside.store()
            }
            let courier = courier(lanes, over: store)
            for name in names { _ = try await courier.round(for: name) }
            outside.clock.advance(Double(random.next() % 300))
        }
        let courier = courier(lanes, over: store)
        for _ in 0..<60 {
            outside.clock.advance(3600)
            for name in names { _ = try await courier.round(for: name) }
        }
        for (name, transport) in zip(names, transports) {
            let heard = Set(transport.delivered)
            #expect(heard == (name == names[3] ? [] : expected[name] ?? []), "\(name)")
        }
    }
}
