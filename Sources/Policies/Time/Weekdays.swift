// SPDX-License-Identifier: Apache-2.0

/// Days of the week: some, none or all of them.
struct Weekdays: Hashable, Sendable {
    static let words = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    static let none = Weekdays(bits: 0)
    static let all = Weekdays(bits: 0b111_1111)

    /// Monday is the lowest bit.
    private var bits: UInt8

    private init(bits: UInt8) { self.bits = bits }

    /// `mon`, or `mon-fri` with both ends; `sat-mon` goes over the end of the week. nil: a word is not a day.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        let days = parts.compactMap { Self.words.firstIndex(of: $0) }
        guard days.count == parts.count, let first = days.first, let last = days.last, days.count <= 2 else { return nil }
        bits = 0
        for step in 0...(last - first).flooringRemainder(7) { bits |= 1 << UInt8((first + step) % 7) }
    }

    mutating func formUnion(_ other: Weekdays) { bits |= other.bits }

    func contains(_ day: CalendarDay) -> Bool {
        // 1970-01-01 was a Thursday.
        bits >> UInt8((day.number + 3).flooringRemainder(7)) & 1 == 1
    }
}

extension Weekdays: CustomStringConvertible {
    /// `mon-fri`, or `mon, wed`.
    var description: String {
        let days = (0..<7).filter { contains(CalendarDay(number: $0 - 3)) }
        if days.count > 2, let first = days.first, let last = days.last, last - first == days.count - 1 {
            return "\(Self.words[first])-\(Self.words[last])"
        }
        return days.map { Self.words[$0] }.joined(separator: ", ")
    }
}
