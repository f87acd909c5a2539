// SPDX-License-Identifier: Apache-2.0

import Issuance
import ServiceAPI

/// How often hosts and machines may ask for themselves.
struct EnrolmentLimits: Sendable {
    private let clock: any WallClock
    private let failures: FailedLogins
    /// Whoever proves nothing may try a few times a second. What is proven takes no token, so that a fleet behind one address
    /// can report at once.
    private let strangers = RateLimiter(rate: 10, burst: 60)
    /// Who was proven: refusals of the policy are events of the log, reports are writes.
    private let known = RateLimiter(rate: 0.2, burst: 20)

    init(clock: any WallClock, failures: FailedLogins) {
        self.clock = clock
        self.failures = failures
    }

    func decode<Document: RequestDocument>(_ type: Document.Type, _ call: Call) async throws -> Document {
        try await strangers.chargingFailures(of: call.sender, by: clock) { try call.decode(type) }
    }

    /// - Parameter name: of who was proven.
    func proven<Proven>(
        _ call: Call, name: (Proven) -> String, _ prove: () async throws -> Proven
    ) async throws -> Proven {
        let proven = try await strangers.chargingFailures(of: call.sender, by: clock) {
            do {
                return try await prove()
            } catch let error as EnrolmentRefusal {
                failures.count(address: call.address)
                throw error
            }
        }
        guard known.permits(name(proven), at: clock.now) else { throw CallError.tooManyRequests }
        return proven
    }
}
