// SPDX-License-Identifier: Apache-2.0

enum NearestWord {
    /// The candidate a typing mistake or two away from `word`: the closest, then the first in order.
    static func to(_ word: String, among candidates: some Sequence<String>) -> String? {
        let typed = Array(word.utf8.prefix(64))
        let limit = max(1, min(3, typed.count / 3))
        let near = candidates.map { (candidate: $0, distance: distance(typed, Array($0.utf8.prefix(64)))) }
            .filter { $0.distance <= limit && $0.candidate != word }
        return near.min { ($0.distance, $0.candidate) < ($1.distance, $1.candidate) }?.candidate
    }

    /// Insertions, deletions, replacements and swaps of neighbours.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for i in left.indices {
            var current = [i + 1]
            for j in right.indices {
                let replaced = previous[j] + (left[i] == right[j] ? 0 : 1)
                var best = min(replaced, previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, beforePrevious[j - 1] + 1)
                }
                current.append(best)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
