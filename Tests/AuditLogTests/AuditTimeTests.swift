// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import AuditLog

@Suite struct AuditTimeTests {
    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (951_868_799.5, "2000-02-29T23:59:59.500Z"),
        (1_795_428_000, "2026-11-23T10:00:00Z"), (1_795_428_000.001, "2026-11-23T10:00:00.001Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"), (253_402_300_799, "9999-12-31T23:59:59Z"),
    ])
    func `an instant is written and read`(seconds: Double, text: String) {
        let time = AuditTime(Date(timeIntervalSince1970: seconds))
        #expect(time.text == text)
        #expect(AuditTime(text) == time)
        #expect(AuditTime(time.date) == time)
    }

    @Test func `Foundation agrees on every month of 400 years`() throws {
        for month in 0..<(400 * 12) {
            let date = Date(timeIntervalSince1970: Double(month) * 2_629_746 + 86_399)
            #expect(AuditTime(date).text == date.formatted(.iso8601))
        }
    }

    @Test(arguments: [-1e300, -1, .nan, 1e300, .infinity, -.infinity])
    func `what lies outside of the calendar stays at its edge`(seconds: Double) {
        let time = AuditTime(Date(timeIntervalSince1970: seconds))
        #expect(time.text == (seconds > 0 ? "9999-12-31T23:59:59.999Z" : "1970-01-01T00:00:00Z"))
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-11-23T10:00:00", "2026-11-23 10:00:00Z", "2026-11-23t10:00:00z", "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z", "2026-00-01T10:00:00Z", "2026-01-00T10:00:00Z", "2026-01-32T10:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T10:60:00Z", "2026-01-01T10:00:60Z", "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z", "2026-01-01T10:00:00.000Z", "2026-01-01T10:00:00.5Z", "2026-01-01T10:00:00,500Z",
        "2026-01-01T10:00:00.500+", "２026-01-01T10:0Z", "+026-01-01T10:00:00Z", "9999-99-99T99:99:99Z",
    ])
    func `any other text is refused`(text: String) {
        #expect(AuditTime(text) == nil)
    }
}
