// SPDX-License-Identifier: Apache-2.0

/// One thing to be measured in process.
struct Measurement: Sendable {
    let name: String
    /// How many of the things counted one call of `body` does.
    var batch = 1
    /// - Parameter: another number at each call.
    let body: @Sendable (Int) async throws -> Void

    struct Round: Sendable {
        /// Wall-clock and processor microseconds for one thing, all tasks together.
        let microseconds: Double
        let processorMicroseconds: Double
    }

    /// Calls `body` again and again from so many tasks until `duration` is over.
    func round(tasks: Int, duration: Duration) async throws -> Round {
        let clock = ContinuousClock()
        let processorTime = ProcessFigures.ownProcessorTime
        let start = clock.now
        let end = start + duration
        let calls = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<tasks {
                group.addTask {
                    var calls = 0
                    while clock.now < end {
                        try await body(calls * tasks + task)
                        calls += 1
                    }
                    return calls
                }
            }
            return try await group.reduce(0, +)
        }
        let count = Double(max(1, calls * batch))
        return Round(
            microseconds: (clock.now - start).inMicroseconds / count,
            processorMicroseconds: (ProcessFigures.ownProcessorTime - processorTime) / count)
    }
}
