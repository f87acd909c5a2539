// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance
import Logging
import ServiceLifecycle

/// Publishes lists at the start, when something was revoked, and when the ones before would grow old.
struct ListService: Service, CustomStringConvertible {
    /// The service group prints its services; without this it would walk through everything the publisher holds.
    var description: String { "revocation lists" }

    let publisher: RevocationPublisher
    let signal: RevocationSignal
    let clock: any WallClock
    let logger: Logger

    private static let retry = Duration.seconds(1)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let generation = signal.generation
                await signal.next(after: generation, within: await publish())
            }
        }
    }

    /// - Returns: how long until there is something to do though nothing is revoked.
    private func publish() async -> Duration {
        let began = ContinuousClock.now
        do {
            let due = try await publisher.publish()
            // Many revocations share a list, so that building them never takes more than a third of the time.
            try? await Task.sleep(for: began.duration(to: .now) * 2)
            return .seconds(max(1, due.timeIntervalSince(clock.now)))
        } catch {
            logger.error("revocation lists not published", metadata: ["reason": "\(error)"])
            return Self.retry
        }
    }
}
