// SPDX-License-Identifier: Apache-2.0

/// How far the approvals have come.
extension AccessHistory {
    /// How many people count in each step that is done, and in the one that is open.
    package var takenSeats: [Int] { takenSeats(voters: approvals.map(\.steps)) }

    /// Whether one more person, who may approve these steps, would count.
    package func needsApprover(of steps: Set<Int>) -> Bool {
        !steps.isEmpty && takenSeats(voters: approvals.map(\.steps) + [steps]).reduce(0, +) > takenSeats.reduce(0, +)
    }

    private func takenSeats(voters: [Set<Int>]) -> [Int] {
        Quorum.takenSeats(counts: request.steps.map(\.count), voters: voters)
    }
}
