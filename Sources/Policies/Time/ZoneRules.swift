// SPDX-License-Identifier: Apache-2.0

/// How far the clocks of a time zone are ahead of UTC, and since when: a table and integer arithmetic, nothing else.
///
/// All times are whole seconds. A local time is the seconds since 1970-01-01T00:00:00 by the clock on the wall.
struct ZoneRules: Sendable {
    /// Before everything and after everything, yet far from overflow (35 million years).
    static let distant = 1 << 50

    static let utc = ZoneRules(name: "UTC", firstOffset: 0, changes: [])

    let name: String
    /// When each offset begins, in order; the first is `-distant`.
    private let starts: [Int]
    private let offsets: [Int]
    /// The local time at which each offset begins, and at which it ends, by the clock that it sets.
    private let localStarts: [Int]
    private let localEnds: [Int]

    /// - Parameter changes: in order, each longer apart than the clocks are moved.
    init(name: String, firstOffset: Int, changes: [(instant: Int, offset: Int)]) {
        self.name = name
        starts = [-Self.distant] + changes.map(\.instant)
        offsets = [firstOffset] + changes.map(\.offset)
        localStarts = zip(starts, offsets).map { $0 + $1 }
        localEnds = zip(starts.dropFirst() + [Self.distant], offsets).map { $0 + $1 }
    }

    /// Whether its clocks are never moved.
    var isFixed: Bool { offsets.count == 1 }

    /// Seconds ahead of UTC.
    func offset(at instant: Int) -> Int {
        offsets[max(0, starts.countUpTo(instant) - 1)]
    }

    func day(at instant: Int) -> Int {
        (instant + offset(at: instant)).flooringQuotient(CalendarDay.seconds)
    }

    /// The first time that the clocks show `local`. When they skip it, the first instant after the gap.
    func firstInstant(ofLocal local: Int) -> Int {
        let index = min(localEnds.countUpTo(local), offsets.count - 1)
        return max(local - offsets[index], starts[index])
    }

    /// The last time that the clocks show `local`. When they skip it, the first instant after the gap.
    func lastInstant(ofLocal local: Int) -> Int {
        let index = max(0, localStarts.countUpTo(local) - 1)
        let end = index + 1 < starts.count ? starts[index + 1] : Self.distant
        return min(local - offsets[index], end)
    }
}

/// The name says it all.
extension ZoneRules: Hashable {
    static func == (left: ZoneRules, right: ZoneRules) -> Bool { left.name == right.name }

    func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension [Int] {
    /// How many members are at most `limit`; they are in order.
    fileprivate func countUpTo(_ limit: Int) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= limit { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
