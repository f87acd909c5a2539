// SPDX-License-Identifier: Apache-2.0

/// Time cut where a window opens or closes or a rotation is handed over: between two cuts no rule changes.
///
/// The times looked at begin in 2026, or earlier where a date or a rotation does, and last until everything has come back once.
/// Zones with daylight saving do so only nearly: for them two years are looked at.
struct TimeLine {
    static let maximumPieces = 6_000
    private static let firstDay = 20_454  // 2026-01-01

    /// The first second of each piece, and the end of the last.
    let cuts: [Int]
    /// Whether what is true of these times is true of all.
    let isWhole: Bool

    var pieces: Range<Int> { 0..<(cuts.count - 1) }

    /// nil: there are too many pieces to be looked at.
    /// - Parameter reach: seconds by which a permission may outlast the times.
    init?(windows: Set<Window>, rotations: Set<Rotation>, reach: Int) {
        let dates = windows.compactMap(\.dates)
        let begins = dates.map(\.lowerBound.number) + rotations.map(\.firstDayNumber)
        let start = (([Self.firstDay] + begins).min() ?? Self.firstDay) - 2
        let settled = ([Self.firstDay] + dates.map(\.upperBound.number) + rotations.map(\.lastSpecialDayNumber)).max() ?? start
        let zones = windows.map(\.zone) + rotations.map(\.zone)
        isWhole = zones.allSatisfy(\.isFixed)
        let period = rotations.map(\.periodDays).reduce(7) { Self.leastCommonMultiple($0, $1) }
        let end = (settled + 2 + max(2 * period, isWhole ? 0 : 731)) * CalendarDay.seconds + reach
        var (cuts, instant) = ([start * CalendarDay.seconds], start * CalendarDay.seconds)
        while instant < end {
            var next = end
            for window in windows { next = window.change(after: instant, before: next) ?? next }
            for rotation in rotations { next = min(next, rotation.handOver(after: instant)) }
            instant = next
            cuts.append(instant)
            guard cuts.count <= Self.maximumPieces else { return nil }
        }
        self.cuts = cuts
    }

    private static func leastCommonMultiple(_ one: Int, _ other: Int) -> Int {
        var (first, second) = (one, other)
        while second != 0 { (first, second) = (second, first % second) }
        let (product, overflow) = (one / first).multipliedReportingOverflow(by: other)
        // Far beyond what the pieces allow.
        return overflow || product > 1_000_000 ? 1_000_000 : product
    }
}

/// What of a condition depends on the time: open windows, and whose turn it is. Both must be, when there.
struct TimeTest: Hashable {
    let windows: [Window]
    var rotations: Set<Rotation> = []
    /// nil: turns do not matter.
    var member: String?

    func holds(at instant: Int) -> Bool {
        (windows.isEmpty || windows.contains { $0.contains(instant) })
            && (member.map { member in rotations.contains { $0.members(at: instant).contains(member) } } ?? true)
    }
}
