// SPDX-License-Identifier: Apache-2.0

import Authentication
import FoundationEssentials
import Issuance
import Logging
import OpenIDConnect
import ServiceLifecycle

/// Looks at the identity providers, so that status and metrics tell of one that is down before a person finds out.
struct ProviderWatch: Service, CustomStringConvertible {
    /// The service group prints its services; without this it would walk through every provider.
    var description: String { "identity providers" }

    let providers: ProviderDirectory
    let clock: any WallClock
    let logger: Logger

    /// How often one that is down is looked for.
    private static let interval = Duration.seconds(10)
    /// How often one that is well is looked at, in seconds.
    private static let pause: Double = 30

    func run() async throws {
        var down: Set<String> = []
        repeat {
            let looks = await withTaskGroup { group in
                for entry in providers.entries { group.addTask { (entry.declaration.name, await reason(entry)) } }
                return await group.reduce(into: [(name: String, reason: String?)]()) { $0.append($1) }
            }
            for (name, reason) in looks {
                if let reason, down.insert(name).inserted {
                    logger.warning(
                        "identity provider is down; logins with it fail until it is back",
                        metadata: ["provider": "\(name)", "reason": "\(reason)"])
                } else if reason == nil, down.remove(name) != nil {
                    logger.warning("identity provider is back", metadata: ["provider": "\(name)"])
                }
            }
        } while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil
    }

    /// Why it cannot be used, after a look where one is due.
    private func reason(_ entry: ProviderDirectory.Entry) async -> String? {
        let condition = await entry.provider.condition
        let isFresh = condition.map { abs(clock.now.timeIntervalSince($0.checkedAt)) < Self.pause } ?? false
        if !isFresh || condition?.trouble != nil { await entry.provider.look(now: clock.now) }
        return await entry.trouble?.reason
    }
}
