// SPDX-License-Identifier: Apache-2.0

import Synchronization

import struct FoundationEssentials.Date

/// A token bucket for each sender: `burst` calls at once, then `rate` a second. Bounded in memory: when too many senders
/// are known, those whose bucket is full again are forgotten, and if there are none, everybody's.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var updated: Date
    }

    private let rate: Double
    private let burst: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    private static let mostSenders = 10_000

    init(rate: Double, burst: Double) {
        self.rate = rate
        self.burst = burst
    }

    /// Whether `sender` may act now; takes a token when it may.
    func permits(_ sender: String, at now: Date) -> Bool {
        buckets.withLock { buckets in
            if buckets.count >= Self.mostSenders, buckets[sender] == nil {
                buckets = buckets.filter { refilled($0.value, at: now).tokens < burst }
                if buckets.count >= Self.mostSenders { buckets.removeAll() }
            }
            var bucket = refilled(buckets[sender] ?? Bucket(tokens: burst, updated: now), at: now)
            let permitted = bucket.tokens >= 1
            if permitted { bucket.tokens -= 1 }
            buckets[sender] = bucket
            return permitted
        }
    }

    /// Whether `sender` has a token left; takes none.
    func hasToken(for sender: String, at now: Date) -> Bool {
        buckets.withLock { buckets in buckets[sender].map { refilled($0, at: now).tokens >= 1 } ?? true }
    }

    private func refilled(_ bucket: Bucket, at now: Date) -> Bucket {
        let elapsed = max(0, now.timeIntervalSince(bucket.updated))
        return Bucket(tokens: min(burst, bucket.tokens + elapsed * rate), updated: now)
    }
}
