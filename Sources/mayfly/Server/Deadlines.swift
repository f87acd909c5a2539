// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance
import Logging
import Notifications
import ServiceLifecycle

/// Does what no act brings about: ends grants whose approvals count no longer, where their rule wants that, and tells of
/// requests that nobody decided in time, grants whose time is over, reviews that are due. A server that starts looks back as
/// far as the outbox remembers what it was told; several servers tell it once.
struct Deadlines: Service, CustomStringConvertible {
    /// The service group prints its services; without this it would walk through everything the authority holds.
    var description: String { "deadlines" }

    let authority: Authority
    let outbox: any Outbox
    let clock: any WallClock
    let logger: Logger

    private static let interval = Duration.seconds(5)
    /// What was committed at the same time as it was looked. Seconds.
    private static let overlap: Double = 60

    func run() async throws {
        var told = clock.now.addingTimeInterval(-RetrySchedule.standard.maximumAge)
        repeat {
            await recheck()
            do {
                let now = clock.now
                try await outbox.add(try await authority.newsOfDeadlines(since: told), at: now)
                told = now.addingTimeInterval(-Self.overlap)
            } catch {
                logger.warning("deadlines cannot be told", metadata: ["reason": "\(error)"])
            }
        } while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil
    }

    private func recheck() async {
        do {
            let ended = try await authority.recheckGrants()
            if ended > 0 { logger.info("grants lost their approvals", metadata: ["ended": "\(ended)"]) }
        } catch {
            logger.error("grants cannot be held against their approvals", metadata: ["reason": "\(error)"])
        }
    }
}
