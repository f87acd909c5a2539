// SPDX-License-Identifier: Apache-2.0

import Authentication
import Issuance
import Logging
import ServiceLifecycle

/// Writes once a minute, and at the end, when sessions were last used: one transaction for all of them.
struct SessionUseWriter: Service, CustomStringConvertible {
    let uses: LastUses
    let clock: any WallClock
    let logger: Logger

    private static let interval = Duration.seconds(60)

    /// The service group prints its services; without this it would walk through the store behind `uses`.
    var description: String { "session uses" }

    func run() async throws {
        while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil {
            await write()
        }
        await write()
    }

    private func write() async {
        do {
            try await uses.write(at: clock.now)
        } catch {
            logger.warning("last uses of sessions not written", metadata: ["reason": "\(error)"])
        }
    }
}
