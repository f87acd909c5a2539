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
        let (hour, minute, second) = (number(11, 2), number(14, 2), number(17, 2))
        guard let day = CalendarDay(year: number(0, 4), month: number(5, 2), day: number(8, 2)), hour < 24, minute < 60,
            second < 60
        else { return nil }
        var seconds = day.number * CalendarDay.seconds + hour * 3_600 + minute * 60 + second
        if bytes.count == 25 {
            let (offsetHour, offsetMinute) = (number(20, 2), number(23, 2))
            guard offsetHour < 24, offsetMinute < 60 else { return nil }
            let offset = offsetHour * 3_600 + offsetMinute * 60
            seconds -= bytes[19] == UInt8(ascii: "-") ? -offset : offset
        }
        return Date(timeIntervalSince1970: Double(seconds))
    }

    /// In UTC: `2026-11-23T10:00:00Z`.
    static func text(_ instant: Int) -> String {
        let day = CalendarDay(number: instant.flooringQuotient(CalendarDay.seconds))
        let second = instant.flooringRemainder(CalendarDay.seconds)
        return "\(day)T\(digits(second / 3_600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))Z"
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    static func seconds(_ date: Date) -> Int {
        // A date tens of thousands of years away is as good as any other such.
        let limit = Double(1 << 40)
        return Int(max(-limit, min(limit, date.timeIntervalSince1970)).rounded(.down))
    }

    static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
