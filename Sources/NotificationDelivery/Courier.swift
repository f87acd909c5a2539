// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Issuance
package import Logging
package import Notifications
import ServiceLifecycle

/// Empties the outbox. Each receiver has a lane of its own, so one that is down or slow holds up no other, and none holds up
/// those whose acts are told of: they have only written a row.
///
/// At least once: a notice whose delivery was not recorded, because the server died in between, goes out again under its id.
package struct Courier: Service, CustomStringConvertible {
    /// The service group prints its services; receivers hold secrets.
    package var description: String { "notifications" }

    private let outbox: any Outbox
    private let lanes: [ReceiverName: any Transport]
    private let clock: any WallClock
    private let schedule: RetrySchedule
    private let chance: @Sendable () -> Double
    private let logger: Logger

    /// At once to one receiver; a receiver that fails gets one at a time until it takes one.
    private static let width = 4
    /// Longer than any attempt can take, so that a lease never ends under a server that is alive.
    package static let lease: Double = 120  // seconds
    private static let poll = Duration.seconds(1)
    private static let housekeeping = Duration.seconds(60)

    package init(
        outbox: any Outbox, lanes: [ReceiverName: any Transport], clock: any WallClock, schedule: RetrySchedule = .standard,
        chance: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }, logger: Logger
    ) {
        self.outbox = outbox
        self.lanes = lanes
        self.clock = clock
        self.schedule = schedule
        self.chance = chance
        self.logger = logger
    }

    package func run() async throws {
        await withTaskGroup { group in
            for receiver in lanes.keys { group.addTask { await serve(receiver) } }
            group.addTask { await keepHouse() }
        }
    }

    /// What one look into the outbox came to.
    package struct Round: Sendable, Equatable {
        package var delivered = 0
        package var failed = 0

        package init(delivered: Int = 0, failed: Int = 0) {
            self.delivered = delivered
            self.failed = failed
        }
    }

    /// Takes what is due for `receiver`, at most `limit`, and settles each.
    package func round(for receiver: ReceiverName, limit: Int = width) async throws -> Round {
        guard let transport = lanes[receiver] else { return Round() }
        let now = clock.now
        let due = try await outbox.claim(
            for: receiver, limit: limit, at: now, leaseEnd: now.addingTimeInterval(Self.lease))
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            for delivery in due { group.addTask { try await deliver(delivery, by: transport) } }
            var round = Round()
            for try await isDelivered in group {
                if isDelivered { round.delivered += 1 } else { round.failed += 1 }
            }
            return round
        }
    }

    /// Gives up on what is too old, whomever it was for.
    package func giveUpOnTheOld() async throws -> Int {
        let now = clock.now
        return try await outbox.giveUp(onWhatIsOlderThan: now.addingTimeInterval(-schedule.maximumAge), at: now)
    }

    private func deliver(_ delivery: Delivery, by transport: any Transport) async throws -> Bool {
        do {
            guard let notice = delivery.notice else { throw DeliveryProblem.unreadable }
            // What is noted of it is not cancelled: it is not lost with its lease.
            let receipt = try await cancelWhenGracefulShutdown { [clock] in try await transport.send(notice, at: clock.now) }
            if !receipt.refused.isEmpty {
                logger.warning(
                    "notification not taken for everybody",
                    metadata: [
                        "receiver": "\(delivery.receiver)", "notice": "\(notice.id)",
                        "refused": "\(receipt.refused.joined(separator: " "))",
                    ])
            }
        } catch {
            try await outbox.settle(delivery, as: settlement(of: delivery, after: DeliveryProblem(error)))
            return false
        }
        try await outbox.settle(delivery, as: .delivered(at: clock.now))
        return true
    }

    private func settlement(of delivery: Delivery, after problem: DeliveryProblem) -> Settlement {
        let now = clock.now
        let next: Date? =
            switch problem {
            case .unreadable: nil
            case .stopped: now
            default: schedule.nextAttempt(of: delivery, after: now, chance: chance(), requested: problem.retryAfter)
            }
        logger.log(
            level: next == nil ? .error : .warning, next == nil ? "notification given up" : "notification not delivered",
            metadata: [
                "receiver": "\(delivery.receiver)", "notice": "\(delivery.notice?.id.text ?? "?")",
                "attempt": "\(delivery.attempt)", "reason": "\(problem)",
            ])
        guard let next else { return .failed(at: now, problem: problem.description) }
        return .retry(at: next, problem: problem.description)
    }

    private func serve(_ receiver: ReceiverName) async {
        var failures = 0
        while !Task.isShuttingDownGracefully {
            var isFull = false
            do {
                let limit = failures == 0 ? Self.width : 1
                let round = try await round(for: receiver, limit: limit)
                if round.delivered > 0 { failures = 0 } else if round.failed > 0 { failures += 1 }
                isFull = round.delivered == limit
            } catch {
                logger.warning("the outbox cannot be read", metadata: ["receiver": "\(receiver)", "reason": "\(error)"])
            }
            if isFull { continue }
            // A receiver that fails is left alone as a whole, however much waits for it.
            let pause = failures == 0 ? Self.poll : .seconds(min(60, schedule.delay(afterFailure: failures, chance: chance())))
            guard await wait(pause) else { return }
        }
    }

    private func keepHouse() async {
        while await wait(Self.housekeeping) {
            do {
                let count = try await giveUpOnTheOld()
                if count > 0 { logger.error("notifications given up", metadata: ["count": "\(count)"]) }
            } catch {
                logger.warning("the outbox cannot be read", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// False once the service is to stop.
    private func wait(_ pause: Duration) async -> Bool {
        (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }) != nil
    }
}
