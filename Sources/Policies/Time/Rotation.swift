// SPDX-License-Identifier: Apache-2.0

/// Who of several is in a group, one after the other. Instants are whole seconds since 1970-01-01T00:00:00Z.
///
/// Duty is handed over at the same time by the clock on the wall, whatever daylight saving does: where the clocks show
/// that time twice, at the first, and where they skip it, at the first instant after the gap.
struct Rotation: Hashable, Sendable {
    /// Each turn's members; at least one turn.
    private let turns: [[String]]
    /// Days from one hand-over to the next.
    private let days: Int
    private let firstDay: CalendarDay
    /// Of the hand-over: seconds since midnight.
    private let time: Int
    let zone: ZoneRules
    /// Who replaces the member, from the hand-over time of a day to that of the next.
    private let overrides: [CalendarDay: [String]]
    private let overriddenDays: [CalendarDay]

    /// - Parameter overrides: on days from `firstDay` on.
    init(
        members: [String], days: Int, firstDay: CalendarDay, time: Int, zone: ZoneRules,
        overrides: [CalendarDay: [String]] = [:]
    ) {
        turns = members.map { [$0] }
        self.days = days
        self.firstDay = firstDay
        self.time = time
        self.zone = zone
        self.overrides = overrides
        overriddenDays = overrides.keys.sorted()
    }

    /// Everybody whom a turn or an override can bring in.
    var everybody: Set<String> { Set(turns.joined()).union(overrides.values.joined()) }

    var firstDayNumber: Int { firstDay.number }
    /// The last day with an override, or the first day.
    var lastSpecialDayNumber: Int { overriddenDays.last?.number ?? firstDay.number }
    /// Days until it is the same person's turn again.
    var periodDays: Int { days * turns.count }

    /// Nobody before the first hand-over.
    func members(at instant: Int) -> [String] {
        let day = dutyDay(at: instant)
        guard day >= firstDay else { return [] }
        if !overrides.isEmpty, let substitutes = overrides[day] { return substitutes }
        return turns[(day.number - firstDay.number) / days % turns.count]
    }

    /// The next instant at which a turn or an override begins or ends.
    func handOver(after instant: Int) -> Int {
        let day = dutyDay(at: instant)
        guard day >= firstDay else { return start(of: firstDay) }
        let turn = (day.number - firstDay.number) / days
        var next = firstDay.number + (turn + 1) * days
        if overrides[day] != nil { next = min(next, day.number + 1) }
        if let override = overriddenDays.first(where: { $0 > day }) { next = min(next, override.number) }
        return start(of: CalendarDay(number: next))
    }

    /// The day whose hand-over time came last.
    private func dutyDay(at instant: Int) -> CalendarDay {
        let local = instant + zone.offset(at: instant) - time
        var day = CalendarDay(number: local.flooringQuotient(CalendarDay.seconds))
        // Clocks that were just set may show a time on the other side of it.
        while start(of: day) > instant { day = CalendarDay(number: day.number - 1) }
        while start(of: CalendarDay(number: day.number + 1)) <= instant { day = CalendarDay(number: day.number + 1) }
        return day
    }

    private func start(of day: CalendarDay) -> Int {
        zone.firstInstant(ofLocal: day.number * CalendarDay.seconds + time)
    }
}

extension Rotation: CustomStringConvertible {
    private static let mostOverrides = 5

    /// Whose turn it is, for how long, since when, and on which days somebody else stands in.
    var description: String {
        let order = turns.map { $0.joined(separator: " and ") }.joined(separator: ", ")
        let start = "\(firstDay)T\(TimeOfDay.text(time)) \(zone.name)"
        let overrides = self.overrides.sorted { $0.key < $1.key }.map { ", on \($0) \($1.joined(separator: " and "))" }
        let rest = overrides.count - Self.mostOverrides
        return "\(order) every \(days)d from \(start)" + overrides.prefix(Self.mostOverrides).joined()
            + (rest > 0 ? " and on \(rest) more days" : "")
    }
}
