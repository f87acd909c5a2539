// SPDX-License-Identifier: Apache-2.0

import Authentication
import Logging
import ServiceLifecycle

/// Asks identity providers again about open sessions, as each falls due.
struct SessionRechecks: Service, CustomStringConvertible {
    /// The service group prints its services; without this it would walk through keys and providers.
    var description: String { "session rechecks" }

    let recheck: SessionRecheck
    let logger: Logger

    private static let interval = Duration.seconds(1)

    func run() async throws {
        while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil {
            do {
                try await recheck.run()
            } catch {
                logger.warning("sessions cannot be checked again", metadata: ["reason": "\(error)"])
            }
        }
    }
}
