// SPDX-License-Identifier: Apache-2.0
import Foundation

extension AsyncSequence where Element: Sendable {
    /// Works on several elements at once, on every core, and hands on what becomes of each in the order of the elements. No
    /// more are read than can be worked on.
    func eachInOrder<Result: Sendable>(
        _ work: @escaping @Sendable (Element) -> Result, take: (Result) -> Void
    ) async throws {
        // One more for each core, so that none waits for the next element to be read.
        let width = 2 * ProcessInfo.processInfo.activeProcessorCount
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            var done: [Int: Result] = [:]
            var (begun, taken) = (0, 0)

            func takeNext() async throws {
                while done[taken] == nil, let (number, result) = try await group.next() { done[number] = result }
                if let result = done.removeValue(forKey: taken) { take(result) }
                taken += 1
            }

            for try await element in self {
                if begun - taken == width { try await takeNext() }
                group.addTask { [begun] in (begun, work(element)) }
                begun += 1
            }
            while taken < begun { try await takeNext() }
        }
    }
}
