// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance
import Logging
import ServiceLifecycle

/// Deletes what nobody can ask for any more, a little at a time: used challenges, idempotency keys and sessions, a day
/// after they expired, so that a late repetition still hears why it is refused.
struct Pruning: Service, CustomStringConvertible {
    /// The service group prints its services; without this it would walk through everything the store holds.
    var description: String { "pruning" }

    let store: any Store
    let clock: any WallClock
    let logger: Logger

    private static let interval = Duration.seconds(600)
    private static let retention: Double = 86_400  // seconds
    private static let batch = 1000  // rows of each table

    func run() async throws {
        while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil {
            do {
                _ = try await store.prune(before: clock.now.addingTimeInterval(-Self.retention), limit: Self.batch)
            } catch {
                logger.warning("pruning failed", metadata: ["reason": "\(error)"])
            }
        }
    }
}
