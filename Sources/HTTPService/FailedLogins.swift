// SPDX-License-Identifier: Apache-2.0

import Issuance
import Logging
import ServiceLifecycle
import Synchronization

/// Counts logins that failed. Nobody has proven anything yet, so each of them must not write to the log, or anybody could
/// fill the disk: once a minute one event says how many there were and from where.
final class FailedLogins: Service, Sendable {
    private let authority: Authority
    private let logger: Logger
    private let counts = Mutex<[String: Int]>([:])

    private static let interval = Duration.seconds(60)
    /// Addresses named in one event; the rest are counted together.
    private static let mostAddresses = 20

    init(authority: Authority, logger: Logger) {
        self.authority = authority
        self.logger = logger
    }

    func count(address: String?) {
        counts.withLock { counts in
            let known = counts.count < Self.mostAddresses || counts[address ?? "unknown"] != nil
            counts[known ? address ?? "unknown" : "elsewhere", default: 0] += 1
        }
    }

    func run() async throws {
        while (try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }) != nil {
            await record()
        }
        await record()
    }

    private func record() async {
        let counted = counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
        guard !counted.isEmpty else { return }
        let sentences = counted.sorted { $0.key < $1.key }.map { "\($0.value) from \($0.key)" }
        do {
            try await authority.recordFailedLogins(sentences)
        } catch {
            logger.error("failed logins could not be recorded", metadata: ["reason": "\(error)"])
        }
    }
}
