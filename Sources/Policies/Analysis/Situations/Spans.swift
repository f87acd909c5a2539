// SPDX-License-Identifier: Apache-2.0

/// From when to when a permission is wanted.
struct Span: Hashable {
    let start: Int
    let seconds: Int
    /// The pieces of the time line that it touches.
    let pieces: ClosedRange<Int>
}

/// The spans that rules tell apart.
///
/// A certificate that ends with its window is one that the rule gives for that span and for none longer. So to compare how
/// long permissions last is to compare which spans they give.
struct Spans {
    static let maximum = 60_000

    private(set) var values: [Span] = []
    let dependOnTime: Bool
    /// By what must hold: throughout the span, and at some time of it.
    private var places: [TimeTest: (throughout: ValueSet, partly: ValueSet)] = [:]
    /// By seconds: spans that are no longer.
    private var shorter: [Int: ValueSet] = [:]

    /// nil: there are too many.
    /// - Parameter lifetimes: in seconds, every one that rules tell apart.
    init?(_ line: TimeLine, lifetimes: Set<Int>, tests: Set<TimeTest>) {
        dependOnTime = line.pieces.count > 1
        let tests = Array(tests)
        let sums = tests.map { test in
            line.pieces.reduce(into: [0]) { $0.append($0[$0.count - 1] + (test.holds(at: line.cuts[$1]) ? 1 : 0)) }
        }
        // The longer first, for examples; one second more than a rule gives is what another gives and it does not.
        let wanted = Set(lifetimes).union(lifetimes.map { $0 + 1 }).sorted(by: >)
        let longest = wanted.first ?? 1
        var seen: Set<[Int]> = []
        for first in line.pieces {
            for last in first..<line.pieces.upperBound {
                let (start, next) = (line.cuts[first], line.cuts[first + 1])
                let least = first == last ? 1 : line.cuts[last] - next + 2
                guard least <= longest else { break }
                let most = line.cuts[last + 1] - start
                // By how many lifetimes are at least as long.
                let lengths = wanted.enumerated().filter { $1 > least && $1 <= most }.map { (seconds: $1, rank: $0 + 1) }
                let rank = (wanted.firstIndex { $0 < least } ?? wanted.count)
                let extents = sums.map { Self.extent($0, first...last) }
                for (seconds, rank) in lengths + [(least, rank)] {
                    // Spans that all tests and lifetimes see alike are one.
                    guard seen.insert([rank] + extents).inserted else { continue }
                    let begin = first == last ? start : max(start, line.cuts[last] - seconds + 1)
                    values.append(Span(start: begin, seconds: seconds, pieces: first...last))
                    guard values.count <= Self.maximum else { return nil }
                }
            }
        }
        values.sort { ($1.seconds, $0.start) < ($0.seconds, $1.start) }
        for (test, sums) in zip(tests, sums) {
            let extents = values.map { Self.extent(sums, $0.pieces) }
            places[test] = (
                ValueSet(extents.indices.filter { extents[$0] == 2 }), ValueSet(extents.indices.filter { extents[$0] > 0 })
            )
        }
        for limit in lifetimes {
            shorter[limit] = ValueSet((values.firstIndex { $0.seconds <= limit } ?? values.count)..<values.count)
        }
    }

    /// 2: throughout; 1: for a part; 0: not at all.
    private static func extent(_ sums: [Int], _ pieces: ClosedRange<Int>) -> Int {
        let count = sums[pieces.upperBound + 1] - sums[pieces.lowerBound]
        return count == pieces.count ? 2 : count > 0 ? 1 : 0
    }

    /// - Parameter seconds: one of the lifetimes; nil: however long.
    func throughout(_ test: TimeTest, atMost seconds: Int?) -> ValueSet {
        let places = places[test]?.throughout ?? []
        return seconds.map { places.intersection(shorter[$0] ?? []) } ?? places
    }

    func partly(_ test: TimeTest) -> ValueSet { places[test]?.partly ?? [] }
}
