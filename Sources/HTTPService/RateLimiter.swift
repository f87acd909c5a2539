// SPDX-License-Identifier: Apache-2.0

import Issuance
import Policies
import Synchronization

import struct FoundationEssentials.Date

/// A token bucket for each sender: `burst` calls at once, then `rate` a second. Bounded in memory: when too many senders
/// are known, those with the most tokens are forgotten, so that whoever is over the limit cannot have it lifted by a crowd.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var updated: Date
    }

    private let rate: Double
    private let burst: Double
    private let buckets = Mutex<[String: Bucket]>([:])

    static let mostSenders = 10_000

    init(rate: Double, burst: Double) {
        self.rate = rate
        self.burst = burst
    }

    /// Whom a call from this address is counted for: whoever has an IPv6 address has all of its network, 2⁶⁴ of them.
    static func sender(at address: String?) -> String {
        guard let bytes = address.flatMap({ IPAddress($0) })?.bytes, bytes.count == 16,
            let network = IPAddress(bytes: bytes.prefix(8) + [UInt8](repeating: 0, count: 8))
        else { return address ?? "" }
        return "\(network)/64"
    }

    /// Whether `sender` may act now; takes a token when it may.
    func permits(_ sender: String, at now: Date) -> Bool {
        buckets.withLock { buckets in
            if buckets.count >= Self.mostSenders, buckets[sender] == nil {
                makeRoom(in: &buckets, at: now)
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

    /// What `body` returns. Whoever succeeds waits for nobody: a token is taken only when it throws, and nothing is tried
    /// without one.
    func chargingFailures<Success>(
        of sender: String, by clock: any WallClock, _ body: () async throws -> Success
    ) async throws -> Success {
        guard hasToken(for: sender, at: clock.now) else { throw CallError.tooManyRequests }
        do {
            return try await body()
        } catch {
            _ = permits(sender, at: clock.now)
            throw error
        }
    }

    private func makeRoom(in buckets: inout [String: Bucket], at now: Date) {
        let spent = buckets.mapValues { refilled($0, at: now) }.filter { $0.value.tokens < burst }
        let kept = spent.sorted { $0.value.tokens < $1.value.tokens }.prefix(Self.mostSenders / 2)
        buckets = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }

    private func refilled(_ bucket: Bucket, at now: Date) -> Bucket {
        let elapsed = max(0, now.timeIntervalSince(bucket.updated))
        return Bucket(tokens: min(burst, bucket.tokens + elapsed * rate), updated: now)
    }
}
