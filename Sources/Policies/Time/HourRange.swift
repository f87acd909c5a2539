// SPDX-License-Identifier: Apache-2.0

/// From one time of day to another: `08:00-19:00`. An end at or before the start is on the next day.
struct HourRange: Hashable, Sendable {
    static let wholeDay = HourRange(start: 0, end: CalendarDay.seconds)

    /// Seconds since midnight by the clock on the wall.
    let start: Int
    /// Seconds since the midnight at which the day of `start` begins; always greater than `start`.
    let end: Int

    private init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let start = TimeOfDay.seconds(parts[0]) else { return nil }
        guard let end = parts[1] == "24:00" ? CalendarDay.seconds : TimeOfDay.seconds(parts[1]) else { return nil }
        self.init(start: start, end: end <= start ? end + CalendarDay.seconds : end)
    }
}

enum TimeOfDay {
    /// `09:00`, of seconds since midnight.
    static func text(_ seconds: Int) -> String {
        "\(Timestamp.digits(seconds / 3_600, 2)):\(Timestamp.digits(seconds / 60 % 60, 2))"
    }

    /// Seconds since midnight of `09:00`, from `00:00` to `23:59`.
    static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [2, 2], parts.allSatisfy({ $0.utf8.allSatisfy(ASCII.isDigit) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        return hour * 3_600 + minute * 60
    }
}

extension HourRange: CustomStringConvertible {
    var description: String {
        let end = end > CalendarDay.seconds ? end - CalendarDay.seconds : end
        return "\(TimeOfDay.text(start))-\(TimeOfDay.text(end))"
    }
}
