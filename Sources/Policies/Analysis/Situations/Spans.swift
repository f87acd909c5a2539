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
    private var sums: [TimeTest: [Int]] = [:]

    /// nil: there are too many.
    /// - Parameter lifetimes: in seconds, every one that rules tell apart.
    init?(_ line: TimeLine, lifetimes: Set<Int>, tests: Set<TimeTest>) {
        dependOnTime = line.pieces.count > 1
        for test in tests {
            sums[test] = line.pieces.reduce(into: [0]) { $0.append($0[$0.count - 1] + (test.holds(at: line.cuts[$1]) ? 1 : 0)) }
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
                for seconds in wanted.filter({ $0 > least && $0 <= most }) + [least] {
                    let begin = first == last ? start : max(start, line.cuts[last] - seconds + 1)
                    let span = Span(start: begin, seconds: seconds, pieces: first...last)
                    // Spans that all tests and lifetimes see alike are one.
                    var signature = [wanted.filter { $0 >= seconds }.count]
                    for test in sums.keys { signature.append(extent(test, span)) }
                    guard seen.insert(signature).inserted else { continue }
                    values.append(span)
                    guard values.count <= Self.maximum else { return nil }
                }
            }
        }
        values.sort { ($1.seconds, $0.start) < ($0.seconds, $1.start) }
    }

    /// 2: throughout; 1: for a part; 0: not at all.
    private func extent(_ test: TimeTest, _ span: Span) -> Int {
        guard let sums = sums[test] else { return 0 }
        let count = sums[span.pieces.upperBound + 1] - sums[span.pieces.lowerBound]
        return count == span.pieces.count ? 2 : count > 0 ? 1 : 0
    }

    func throughout(_ test: TimeTest, atMost seconds: Int) -> Set<Int> {
        Set(values.indices.filter { values[$0].seconds <= seconds && extent(test, values[$0]) == 2 })
    }

    func partly(_ test: TimeTest) -> Set<Int> { Set(values.indices.filter { extent(test, values[$0]) > 0 }) }
}
