// SPDX-License-Identifier: Apache-2.0

/// Hours of some days in one place. Instants are whole seconds since 1970-01-01T00:00:00Z.
///
/// Each range of hours on each of its days is a period: its start is in it, its end is not. A period that crosses
/// midnight belongs to the day on which it starts. Where the clocks show an edge twice, a start is the first time and
/// an end the second; where they skip an edge, it is the first instant after the gap.
struct Window: Hashable, Sendable {
    let name: String
    let days: Weekdays
    /// At least one.
    let hours: [HourRange]
    /// nil: always.
    let dates: ClosedRange<CalendarDay>?
    let zone: ZoneRules

    func contains(_ instant: Int) -> Bool { end(ofPeriodsAt: instant) != nil }

    /// When it closes. Periods that touch are one. nil: it is closed at `instant`, or not before `limit`.
    func closing(after instant: Int, before limit: Int) -> Int? {
        guard var end = end(ofPeriodsAt: instant) else { return nil }
        while end < limit {
            guard let later = self.end(ofPeriodsAt: end) else { return end }
            end = later
        }
        return nil
    }

    /// The first instant, from `instant` on, at which it is open. nil: never again.
    func opening(from instant: Int) -> Int? {
        if contains(instant) { return instant }
        let first = max(zone.day(at: instant) - 2, dates?.lowerBound.number ?? .min)
        // Its days come back every week, and a gap that swallows a whole period does not come two weeks in a row.
        let last = min(first + 21, dates?.upperBound.number ?? .max)
        guard first <= last else { return nil }
        for number in first...last where holds(on: number) {
            let starts = hours.map { period(on: number, $0) }.filter { $0.start > instant && $0.start < $0.end }.map(\.start)
            if let earliest = starts.min() { return earliest }
        }
        return nil
    }

    /// When it opens or closes next. nil: not before `limit`.
    func change(after instant: Int, before limit: Int) -> Int? {
        if contains(instant) { return closing(after: instant, before: limit) }
        return opening(from: instant).flatMap { $0 < limit ? $0 : nil }
    }

    /// The latest end of the periods that hold at `instant`. nil: none does.
    private func end(ofPeriodsAt instant: Int) -> Int? {
        let today = zone.day(at: instant)
        var latest: Int?
        // Of yesterday's periods some cross midnight. One day more on each side, for clocks that are set back around
        // midnight show a day before its first or after its last second.
        for number in (today - 2)...(today + 1) where holds(on: number) {
            for range in hours {
                let period = period(on: number, range)
                if period.start <= instant, period.end > latest ?? instant { latest = period.end }
            }
        }
        return latest
    }

    private func holds(on number: Int) -> Bool {
        let day = CalendarDay(number: number)
        return days.contains(day) && dates?.contains(day) != false
    }

    private func period(on number: Int, _ range: HourRange) -> (start: Int, end: Int) {
        let midnight = number * CalendarDay.seconds
        return (
            zone.firstInstant(ofLocal: midnight + range.start), zone.lastInstant(ofLocal: midnight + range.end)
        )
    }
}

extension Window: CustomStringConvertible {
    /// As it is written: `mon-fri 08:00-19:00 Europe/Berlin`.
    var description: String {
        let hours = self.hours == [.wholeDay] ? nil : self.hours.map { "\($0)" }.joined(separator: " and ")
        let dates = self.dates.map { "\($0.lowerBound)..\($0.upperBound)" }
        return [days == .all ? nil : "\(days)", hours, dates, zone.name].compactMap(\.self).joined(separator: " ")
    }
}
