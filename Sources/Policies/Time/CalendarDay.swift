// SPDX-License-Identifier: Apache-2.0

/// A day of the Gregorian calendar, wherever on earth.
struct CalendarDay: Hashable, Sendable {
    static let seconds = 86_400

    /// Days since 1970-01-01.
    let number: Int

    init(number: Int) { self.number = number }

    /// 1970 to 9999; nil when there is no such day.
    init?(year: Int, month: Int, day: Int) {
        guard (1970...9999).contains(year), (1...12).contains(month),
            (1...Self.daysIn(month: month, of: year)).contains(day)
        else { return nil }
        let fullMonths = (1..<month).reduce(0) { $0 + Self.daysIn(month: $1, of: year) }
        number = Self.firstDay(of: year) + fullMonths + day - 1
    }

    /// `2026-11-23`.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy(ASCII.isDigit) }) else { return nil }
        let numbers = parts.compactMap { Int($0) }
        self.init(year: numbers[0], month: numbers[1], day: numbers[2])
    }

    var parts: (year: Int, month: Int, day: Int) {
        // 146,097 days are 400 years; the estimate is off by one year at most.
        var year = 1970 + (number * 400).flooringQuotient(146_097)
        while Self.firstDay(of: year) > number { year -= 1 }
        while Self.firstDay(of: year + 1) <= number { year += 1 }
        var day = number - Self.firstDay(of: year)
        var month = 1
        while day >= Self.daysIn(month: month, of: year) {
            day -= Self.daysIn(month: month, of: year)
            month += 1
        }
        return (year, month, day + 1)
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func daysIn(month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func firstDay(of year: Int) -> Int {
        // Leap days of the full years before this one; 719,162 days lie between 0001-01-01 and 1970-01-01.
        let past = year - 1
        let leapDays = past.flooringQuotient(4) - past.flooringQuotient(100) + past.flooringQuotient(400)
        return past * 365 + leapDays - 719_162
    }
}

extension CalendarDay: Comparable {
    static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.number < right.number }
}

extension CalendarDay: CustomStringConvertible {
    /// `2026-11-23`.
    var description: String {
        let (year, month, day) = parts
        return "\(Timestamp.digits(year, 4))-\(Timestamp.digits(month, 2))-\(Timestamp.digits(day, 2))"
    }
}

extension Int {
    /// Rounded towards the past, unlike `/`. `divisor` is positive.
    func flooringQuotient(_ divisor: Int) -> Int {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Never negative.
    func flooringRemainder(_ divisor: Int) -> Int { self - flooringQuotient(divisor) * divisor }
}
