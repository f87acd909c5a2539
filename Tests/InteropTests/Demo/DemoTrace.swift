// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TestSupport

/// What a demo started while it ran: every process below it, and the temporary directories they were told of.
final class DemoTrace: Sendable {
    private struct Seen {
        var processes: Set<ProcessIdentity> = []
        var directories: Set<String> = []
    }

    private let seen = Mutex(Seen())

    var names: Set<String> { seen.withLock { Set($0.processes.map(\.name)) } }
    var directories: [String] { seen.withLock { $0.directories.sorted() } }
    var survivors: [ProcessIdentity] { seen.withLock { $0.processes.filter(\.isAlive) } }

    /// Looks again and again until the demo ends.
    /// - Parameters:
    ///   - act: is given the log until it returns true.
    /// - Returns: the demo's exit status; `nil` after `limit`.
    func follow(_ demo: BackgroundProcess, within limit: Duration, act: (String) -> Bool) async throws -> Int32? {
        let deadline = ContinuousClock.now + limit
        var isDone = false
        while demo.isRunning, ContinuousClock.now < deadline {
            look(below: demo.processID)
            if !isDone { isDone = act(demo.log) }
            try await Task.sleep(for: .milliseconds(20))
        }
        return try await demo.status(within: .zero)
    }

    private func look(below processID: Int32) {
        let processes = ProcessIdentity.descendants(of: processID)
        let commandLines = processes.map { process in
            String(
                decoding: FileManager.default.contents(atPath: "/proc/\(process.processID)/cmdline") ?? Data(), as: UTF8.self)
        }
        let directories = commandLines.flatMap { $0.matches(of: /\/[a-z0-9\/-]*\/mayfly-[a-z0-9]+/).map { String($0.output) } }
        seen.withLock {
            $0.processes.formUnion(processes)
            $0.directories.formUnion(directories)
        }
    }
}
