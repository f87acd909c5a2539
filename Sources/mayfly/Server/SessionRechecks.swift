// SPDX-License-Identifier: Apache-2.0

import Authentication
import Logging
import ServiceLifecycle

/// Asks identity providers again about open sessions, as each falls due, and has them revoke the tokens of those that are over.
struct SessionRechecks: Service, CustomStringConvertible {
    /// The service group prints its services; without this it would walk through keys and providers.
    var description: String { "session rechecks" }

    let recheck: SessionRecheck
    let logger: Logger

    private static let interval = Duration.seconds(1)

    func run() async throws {
        while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil {
            do {
                for unrevoked in try await recheck.run() {
                    logger.warning(
                        "refresh tokens were forgotten that their identity provider did not revoke",
                        metadata: [
                            "provider": "\(unrevoked.provider)", "count": "\(unrevoked.count)", "reason": "\(unrevoked.reason)",
                        ])
                }
            } catch {
                logger.warning("sessions cannot be checked again", metadata: ["reason": "\(error)"])
            }
        }
    }
}
