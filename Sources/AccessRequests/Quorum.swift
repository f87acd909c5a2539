// SPDX-License-Identifier: Apache-2.0

/// Whether enough different people agreed. Everybody has one seat, whatever number of groups they are in: who could sit in
/// several steps is moved to where others cannot.
package enum Quorum {
    /// How many steps, from the first on, are filled at once.
    /// - Parameters:
    ///   - counts: how many people each step needs.
    ///   - voters: for each person, the steps they may approve.
    package static func filledSteps(counts: [Int], voters: [Set<Int>]) -> Int {
        zip(takenSeats(counts: counts, voters: voters), counts).count { $0 >= $1 }
    }

    /// How many seats are taken in each step that is filled, and in the first that is not.
    package static func takenSeats(counts: [Int], voters: [Set<Int>]) -> [Int] {
        var seats = Seats(voters: voters)
        var taken: [Int] = []
        for (step, count) in counts.enumerated() {
            let free = (0..<max(0, count)).first { _ in !seats.fillOne(of: step) }
            taken.append(free ?? count)
            if free != nil { break }
        }
        return taken
    }

    /// A matching of seats to voters, grown seat by seat along augmenting paths (Kuhn).
    private struct Seats {
        let voters: [Set<Int>]
        private var stepOf: [Int?]

        init(voters: [Set<Int>]) {
            self.voters = voters
            stepOf = Array(repeating: nil, count: voters.count)
        }

        mutating func fillOne(of step: Int) -> Bool {
            var tried: Set<Int> = []
            return seat(step, &tried)
        }

        private mutating func seat(_ step: Int, _ tried: inout Set<Int>) -> Bool {
            for voter in voters.indices where voters[voter].contains(step) && tried.insert(voter).inserted {
                guard let taken = stepOf[voter], !seat(taken, &tried) else {
                    stepOf[voter] = step
                    return true
                }
            }
            return false
        }
    }
}
