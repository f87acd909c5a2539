// SPDX-License-Identifier: Apache-2.0

import struct FoundationEssentials.Date

enum Timestamp {
    /// RFC 3339 with whole seconds: `2026-11-23T10:00:00Z` or with an offset, `2026-11-23T11:00:00+01:00`.
    static func parse(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20 || bytes.count == 25 else { return nil }
        let shape = Array((bytes.count == 20 ? "0000-00-00T00:00:00Z" : "0000-00-00T00:00:00+00:00").utf8)
        for (index, (byte, expected)) in zip(bytes, shape).enumerated() {
            let fits = expected == 48 ? ASCII.isDigit(byte) : byte == expected || (index == 19 && byte == UInt8(ascii: "-"))
            guard fits, index != 19 || bytes.count == 25 || byte == UInt8(ascii: "Z") else { return nil }
        }
        func number(_ start: Int, _ count: Int) -> Int {
            bytes[start..<(start + count)].reduce(0) { $0 * 10 + Int($1) - 48 }
        }
        let (year, month, day) = (number(0, 4), number(5, 2), number(8, 2))
        let (hour, minute, second) = (number(11, 2), number(14, 2), number(17, 2))
        guard year >= 1970, (1...12).contains(month), (1...daysIn(month: month, of: year)).contains(day), hour < 24,
            minute < 60,
            second < 60
        else { return nil }
        var seconds = daysSinceEpoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
        if bytes.count == 25 {
            let (offsetHour, offsetMinute) = (number(20, 2), number(23, 2))
            guard offsetHour < 24, offsetMinute < 60 else { return nil }
            let offset = offsetHour * 3_600 + offsetMinute * 60
            seconds -= bytes[19] == UInt8(ascii: "-") ? -offset : offset
        }
        return Date(timeIntervalSince1970: Double(seconds))
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func daysIn(month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func daysSinceEpoch(_ year: Int, _ month: Int, _ day: Int) -> Int {
        // Leap days of the full years before this one; 719,162 days lie between 0001-01-01 and 1970-01-01.
        let past = year - 1
        let fullYears = past * 365 + past / 4 - past / 100 + past / 400
        let fullMonths = (1..<month).reduce(0) { $0 + daysIn(month: $1, of: year) }
        return fullYears + fullMonths + day - 1 - 719_162
    }
}
