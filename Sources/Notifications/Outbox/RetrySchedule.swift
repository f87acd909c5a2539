// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// When a delivery that failed is tried again, and when no more.
package struct RetrySchedule: Sendable {
    package var firstDelay: Double  // seconds
    package var longestDelay: Double  // seconds
    package var maximumAttempts: Int
    package var maximumAge: Double  // seconds

    /// Doubling from 2 s to an hour: a short outage is bridged in seconds, and a receiver that is down over a weekend gets
    /// what it missed without having been pestered.
    package static let standard = RetrySchedule(
        firstDelay: 2, longestDelay: 3_600, maximumAttempts: 150, maximumAge: 3 * 86_400)

    package init(firstDelay: Double, longestDelay: Double, maximumAttempts: Int, maximumAge: Double) {
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
        self.maximumAttempts = maximumAttempts
        self.maximumAge = maximumAge
    }

    /// Seconds to wait after failure number `failures`, from 1. Half is fixed and half by chance, so that what failed together
    /// does not come back together.
    /// - Parameter chance: from 0 up to 1.
    package func delay(afterFailure failures: Int, chance: Double) -> Double {
        // 2^20 s are twelve days: beyond, doubling changes nothing any more.
        let doubled = min(firstDelay * Double(1 << min(max(failures - 1, 0), 20)), longestDelay)
        return doubled / 2 + doubled / 2 * min(max(chance, 0), 1)
    }

    /// nil: not again.
    /// - Parameter requested: the seconds a receiver asked for (Retry-After); never shortens, and never beyond the longest.
    package func nextAttempt(of delivery: Delivery, after now: Date, chance: Double, requested: Double? = nil) -> Date? {
        guard delivery.attempt < maximumAttempts else { return nil }
        let own = delay(afterFailure: delivery.attempt, chance: chance)
        let next = now.addingTimeInterval(max(own, min(requested ?? 0, longestDelay)))
        return next.timeIntervalSince(delivery.writtenAt) <= maximumAge ? next : nil
    }
}
