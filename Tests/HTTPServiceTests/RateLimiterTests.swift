// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import HTTPService

@Suite struct RateLimiterTests {
    private let now = Date(timeIntervalSince1970: 1_795_000_000)

    @Test(arguments: [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("192.0.2.1", "192.0.2.2", false), ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false), ("::1", "192.0.2.1", false),
    ])
    func `a network of IPv6 is one sender, and an address of IPv4 is`(_ one: String, _ other: String, _ isSame: Bool) {
        #expect((RateLimiter.sender(at: one) == RateLimiter.sender(at: other)) == isSame)
        #expect(RateLimiter.sender(at: nil).isEmpty)
    }

    @Test func `who is over the limit is not forgotten for a crowd`() {
        let limiter = RateLimiter(rate: 1, burst: 3)
        for _ in 0..<3 { #expect(limiter.permits("loop", at: now)) }
        #expect(!limiter.permits("loop", at: now))
        for number in 0..<(3 * RateLimiter.mostSenders) { #expect(limiter.permits("\(number)", at: now)) }
        #expect(!limiter.permits("loop", at: now))
        #expect(limiter.permits("loop", at: now + 1))
    }
}
