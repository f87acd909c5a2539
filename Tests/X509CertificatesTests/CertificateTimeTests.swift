// SPDX-License-Identifier: Apache-2.0
import Foundation
import SwiftASN1
import Testing

@testable import X509Certificates

struct CertificateTimeTests {
    @Test(
        arguments: [
            ("1950-01-01T00:00:00Z", 0x17, "500101000000Z"),
            ("1969-12-31T23:59:59Z", 0x17, "691231235959Z"),
            ("1970-01-01T00:00:00Z", 0x17, "700101000000Z"),
            ("2000-02-29T12:34:56Z", 0x17, "000229123456Z"),
            ("2026-11-23T10:00:00Z", 0x17, "261123100000Z"),
            ("2049-12-31T23:59:59Z", 0x17, "491231235959Z"),
            ("2050-01-01T00:00:00Z", 0x18, "20500101000000Z"),
            ("2100-02-28T23:59:59Z", 0x18, "21000228235959Z"),
            ("9999-12-31T23:59:59Z", 0x18, "99991231235959Z"),
        ] as [(String, UInt8, String)])
    func `times are UTCTime through 2049 and GeneralizedTime after`(_ date: String, _ tag: UInt8, _ text: String) throws {
        let date = try Date(date, strategy: .iso8601)
        let time = try #require(CertificateTime(date))
        #expect(time.encoded == DERTree(tag, Array(text.utf8)).bytes)
        #expect(time.date == date)
    }

    @Test func `the calendar agrees with Foundation's, and is read as it was written`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        // A prime number of seconds, so that all times of day and days of the year come up.
        for seconds in stride(from: -631_152_000, through: 253_402_300_799, by: 86_400 * 37 + 7919) {
            let date = Date(timeIntervalSince1970: Double(seconds))
            let encoded = try #require(CertificateTime(date)).encoded
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
            let year = try #require(parts.year)
            let expected = [parts.month, parts.day, parts.hour, parts.minute, parts.second].reduce(
                year < 2050 ? String(format: "%02d", year % 100) : String(format: "%04d", year)
            ) { $0 + String(format: "%02d", $1 ?? -1) }
            #expect(String(decoding: encoded.dropFirst(2), as: UTF8.self) == expected + "Z")
            #expect(try CertificateTime(DER.parse(encoded)).secondsSince1970 == Int64(seconds))
        }
    }

    @Test(arguments: [0.5, -631_152_001, 253_402_300_800, .infinity, -.infinity, .nan, 1e300])
    func `fractions and other centuries are no certificate times`(_ seconds: Double) {
        #expect(CertificateTime(Date(timeIntervalSince1970: seconds)) == nil)
    }

    @Test(
        arguments: [
            (0x17, "2611231000Z"), (0x17, "261123100000+0000"), (0x17, "261123100000"), (0x17, "261323100000Z"),
            (0x17, "260229100000Z"), (0x17, "260431100000Z"), (0x17, "261100100000Z"), (0x17, "261123240000Z"),
            (0x17, "261123106000Z"), (0x17, "261123100060Z"), (0x17, "2611231000 0Z"), (0x17, "2611231000-1Z"),
            (0x18, "20261123100000Z"), (0x18, "20491231235959Z"), (0x18, "20500101000000.5Z"), (0x18, "00000101000000Z"),
            (0x18, "19000101000000Z"), (0x16, "261123100000Z"), (0x17, ""),
        ] as [(UInt8, String)])
    func `any other form is refused`(_ tag: UInt8, _ text: String) {
        #expect(throws: (any Error).self) { try CertificateTime(DER.parse(DERTree(tag, Array(text.utf8)).bytes)) }
    }
}
