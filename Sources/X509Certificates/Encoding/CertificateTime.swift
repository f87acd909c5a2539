// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

import struct FoundationEssentials.Date

/// A second between 1950 and 9999, as certificates write it: UTCTime through 2049, GeneralizedTime after (RFC 5280
/// §4.1.2.5).
struct CertificateTime: Hashable, Comparable {
    let secondsSince1970: Int64

    private static let year2050: Int64 = 2_524_608_000
    private static let range: ClosedRange<Int64> = -631_152_000...253_402_300_799  // 1950-01-01 to 9999-12-31T23:59:59Z

    /// - Returns: nil for fractions of a second and outside 1950 to 9999.
    init?(_ date: Date) {
        guard let seconds = Int64(exactly: date.timeIntervalSince1970), Self.range.contains(seconds) else { return nil }
        secondsSince1970 = seconds
    }

    var date: Date { Date(timeIntervalSince1970: Double(secondsSince1970)) }

    static func < (left: Self, right: Self) -> Bool { left.secondsSince1970 < right.secondsSince1970 }

    /// The DER element.
    var encoded: [UInt8] { encoded(asUTCTime: secondsSince1970 < Self.year2050) }

    /// GeneralizedTime whatever the year, as OCSP has it (RFC 6960 appendix B).
    var encodedAsGeneralizedTime: [UInt8] { encoded(asUTCTime: false) }

    private func encoded(asUTCTime isShort: Bool) -> [UInt8] {
        let days = secondsSince1970.flooredQuotient(by: 86_400)
        let second = secondsSince1970 - days * 86_400
        let (year, month, day) = Self.calendarDate(daysSince1970: days)
        let rest = [month, day, second / 3600, second / 60 % 60, second % 60].flatMap { Self.digits($0, 2) } + [Self.zulu]
        return isShort
            ? element(.utcTime, Self.digits(year % 100, 2), rest) : element(.generalizedTime, Self.digits(year, 4), rest)
    }

    /// Only the one form that `encoded` has.
    init(_ node: ASN1Node) throws {
        try self.init(node, isShort: node.identifier == .utcTime)
        // Refuses the 31st of February, and the other of the two forms.
        guard encoded.elementsEqual(node.encodedBytes) else { throw UnexpectedDER() }
    }

    /// Only the one form that `encodedAsGeneralizedTime` has.
    init(generalizedTime node: ASN1Node) throws {
        try self.init(node, isShort: false)
        guard Self.range.contains(secondsSince1970), encodedAsGeneralizedTime.elementsEqual(node.encodedBytes) else {
            throw UnexpectedDER()
        }
    }

    private init(_ node: ASN1Node, isShort: Bool) throws {
        let text = try node.primitive(isShort ? .utcTime : .generalizedTime)
        guard text.last == Self.zulu, text.count == (isShort ? 13 : 15) else { throw UnexpectedDER() }
        var rest = text.dropLast()
        func number(_ count: Int) throws -> Int64 {
            defer { rest = rest.dropFirst(count) }
            return try rest.prefix(count).reduce(0) { value, character in
                guard (0x30...0x39).contains(character) else { throw UnexpectedDER() }
                return value * 10 + Int64(character - 0x30)
            }
        }
        var year = try number(isShort ? 2 : 4)
        if isShort { year += year < 50 ? 2000 : 1900 }
        let (month, day, hour, minute, second) = try (number(2), number(2), number(2), number(2), number(2))
        guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60 else {
            throw UnexpectedDER()
        }
        secondsSince1970 =
            Self.daysSince1970(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
    }

    private static let zulu = UInt8(ascii: "Z")

    private static func digits(_ number: Int64, _ count: Int) -> [UInt8] {
        var rest = number
        return (0..<count).map { _ in
            defer { rest /= 10 }
            return 0x30 + UInt8(truncatingIfNeeded: rest % 10)
        }.reversed()
    }

    // Proleptic Gregorian calendar. The year begins on 1 March here, so that the leap day is its last; an era is 400 years,
    // which always have 146,097 days.

    private static func calendarDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let days = daysSince1970 + 719_468  // since 0000-03-01
        let era = days.flooredQuotient(by: 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.flooredQuotient(by: 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension Int64 {
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self - divisor + 1) / divisor
    }
}
