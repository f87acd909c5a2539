// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// An instant as the log writes it: RFC 3339 in UTC, with milliseconds where there are any.
package struct AuditTime: Sendable, Hashable, Comparable {
    /// Since 1970-01-01T00:00:00Z; at most the end of the year 9999.
    package let milliseconds: Int64

    private static let largest: Int64 = 253_402_300_799_999

    /// The nearest millisecond. What lies before 1970 or after 9999 becomes the first or the last instant of that time.
    package init(_ date: Date) {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        if milliseconds >= Double(Self.largest) {
            self.milliseconds = Self.largest
        } else {
            self.milliseconds = milliseconds > 0 ? Int64(milliseconds) : 0
        }
    }

    package var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    package static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    /// `2026-11-23T10:00:00Z` or `2026-11-23T10:00:00.250Z`.
    package var text: String {
        let seconds = Int(milliseconds / 1000)
        let fraction = Int(milliseconds % 1000)
        let (year, month, day) = Self.civilDate(days: seconds / 86_400)
        var text = DigitText()
        text.append(year, 4, "-")
        text.append(month, 2, "-")
        text.append(day, 2, "T")
        text.append(seconds / 3600 % 24, 2, ":")
        text.append(seconds / 60 % 60, 2, ":")
        text.append(seconds % 60, 2, fraction == 0 ? "Z" : ".")
        if fraction > 0 { text.append(fraction, 3, "Z") }
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// `2026-11-23`.
    var day: String { String(text.prefix(10)) }

    /// `10:00:00`.
    var clock: String { String(text.dropFirst(11).prefix(8)) }

    /// Nothing for any text that `text` would not have written.
    package init?(_ text: String) {
        let shape = text.utf8.count == 20 ? "0000-00-00T00:00:00Z" : "0000-00-00T00:00:00.000Z"
        guard text.utf8.count == shape.utf8.count else { return nil }
        var fields: [Int] = [0]
        for (byte, expected) in zip(text.utf8, shape.utf8) {
            if expected == UInt8(ascii: "0") {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int(byte - UInt8(ascii: "0"))
            } else {
                guard byte == expected else { return nil }
                fields.append(0)
            }
        }
        let days = Self.days(year: fields[0], month: fields[1], day: fields[2])
        let seconds = ((days * 24 + fields[3]) * 60 + fields[4]) * 60 + fields[5]
        let milliseconds = Int64(seconds * 1000 + (fields.count > 7 ? fields[6] : 0))
        guard (0...Self.largest).contains(milliseconds) else { return nil }
        self.milliseconds = milliseconds
        // The 30th of February, a 61st second and a fraction of `.000` all come out as another text.
        guard self.text.utf8.elementsEqual(text.utf8) else { return nil }
    }

    // The calendar repeats every 400 years, or 146,097 days. Years are counted from 1 March, so that the leap day comes
    // last; a year's months then have 153 days in every five. 719,468 days lie between 0000-03-01 and 1970-01-01.

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }

    private static func civilDate(days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        return (
            year: era * 400 + yearOfEra + (month >= 10 ? 1 : 0), month: month >= 10 ? month - 9 : month + 3,
            day: dayOfYear - (153 * month + 2) / 5 + 1
        )
    }
}

extension AuditTime: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = AuditTime(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a UTC time"))
        }
        self = time
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Numbers of fixed width. A formatter would cost more than the rest of the event.
private struct DigitText {
    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(24)
    }

    mutating func append(_ number: Int, _ width: Int, _ separator: Unicode.Scalar) {
        var unit = 1
        for _ in 1..<width { unit *= 10 }
        while unit > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
        bytes.append(UInt8(ascii: separator))
    }
}
