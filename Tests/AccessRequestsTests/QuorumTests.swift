// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import AccessRequests

@Suite struct QuorumTests {
    @Test(arguments: [
        ([1], [], 0),
        ([1], [[0]], 1),
        ([1, 2], [[0], [1], [1]], 2),
        // Whoever is in both groups has one seat.
        ([1, 1], [[0, 1]], 1),
        // And moves to where others cannot sit.
        ([1, 1], [[0, 1], [0]], 2),
        ([1, 1], [[1], [0, 1]], 2),
        // The second step does not count before the first.
        ([1, 1], [[1]], 0),
        ([2], [[0], [0], [0]], 1),
        ([1], [[]], 0),
        ([], [], 0),
    ])
    func `distinct people fill the steps in their order`(counts: [Int], voters: [[Int]], filled: Int) {
        #expect(Quorum.filledSteps(counts: counts, voters: voters.map(Set.init)) == filled)
    }

    @Test(arguments: [
        ([1], [], [0]),
        ([1, 2], [[0], [1]], [1, 1]),
        ([1, 2], [[0], [1], [1]], [1, 2]),
        // Nobody sits in a step before the one that comes first is full.
        ([2, 1], [[0], [1]], [1]),
        ([1, 1], [[0, 1], [0]], [1, 1]),
    ])
    func `the seats of the step that is open are counted one by one`(counts: [Int], voters: [[Int]], taken: [Int]) {
        #expect(Quorum.takenSeats(counts: counts, voters: voters.map(Set.init)) == taken)
    }

    @Test(arguments: 0..<300)
    func `the matching finds what trying every seating finds`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let counts = (0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: 1...2, using: &random) }
        let voters = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            Set(counts.indices.filter { _ in Bool.random(using: &random) })
        }
        #expect(Quorum.filledSteps(counts: counts, voters: voters) == Self.best(counts, voters))
    }

    /// The most steps, from the first, over every way to give each voter one seat or none.
    private static func best(_ counts: [Int], _ voters: [Set<Int>], _ seated: [Int] = []) -> Int {
        guard let voter = voters.first else {
            let places = counts.indices.map { step in seated.count { $0 == step } }
            return zip(places, counts).prefix { $0 >= $1 }.count
        }
        let rest = Array(voters.dropFirst())
        return ([best(counts, rest, seated)] + voter.map { best(counts, rest, seated + [$0]) }).max() ?? 0
    }
}
