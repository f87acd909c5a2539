// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Glibc

/// Something that runs until it is stopped.
package protocol RunningServer: Sendable {
    /// Returns when the server and everything it started is gone.
    func stop() async
}

/// Gives `server` to `body` and stops it afterwards, also when `body` throws.
package func serving<Server: RunningServer, Result>(
    _ server: Server, _ body: (Server) async throws -> Result
) async throws -> Result {
    do {
        let result = try await body(server)
        await server.stop()
        return result
    } catch {
        await server.stop()
        throw error
    }
}

/// A server without a daemon: its own session, its output in a log file, the process number its own.
///
/// It ends with `stop()`, when the last reference goes, and when this process exits, is interrupted or is killed.
package final class BackgroundProcess: RunningServer {
    package let name: String
    package let logPath: String
    private let child: ChildProcess

    package var processID: pid_t { child.processID }
    package var isRunning: Bool { child.status == nil }
    /// All the server has written so far to its standard output and error.
    package var log: String { String(decoding: FileManager.default.contents(atPath: logPath) ?? Data(), as: UTF8.self) }

    /// - Parameters:
    ///   - environment: added to `Program.environment`.
    ///   - user: runs the program as this user with the user's own group; needs root.
    ///   - input: the path of a file it reads.
    ///   - logPath: created, or appended to.
    package init(
        _ name: String, _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
        directory: String? = nil, user: String? = nil, input: String? = nil, logPath: String,
        stopSignal: StopSignal = .terminate
    ) async throws {
        var command = try Command(
            executable, arguments, environment: environment, directory: directory, user: user, stopSignal: stopSignal,
            endsWithParent: true)
        if let input { command.input = input }
        command.output = logPath
        command.errors = logPath
        command.stopSignal = stopSignal
        self.name = name
        self.logPath = logPath
        child = try await ChildProcess.start(command)
    }

    deinit {
        guard child.status == nil else { return }
        DispatchQueue.global().async { [child] in Cleanup.note(survivors: ChildProcess.stop([child], grace: .seconds(1))) }
    }

    /// Asks `isReady` again and again.
    /// - Throws: `TestSupportError.exitedEarly` or `.notReady`, both with the log.
    package func waitUntilReady(within limit: Duration = .seconds(120), _ isReady: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + limit
        while true {
            if let status = child.status { throw TestSupportError.exitedEarly(name: name, status: status, log: log) }
            if try await isReady() { return }
            guard ContinuousClock.now < deadline else { throw TestSupportError.notReady(name: name, after: limit, log: log) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    package func send(_ signal: Int32) { child.send(signal) }

    /// Waits for the program to end by itself. `nil` if it still runs after `limit`.
    package func status(within limit: Duration) async throws -> Int32? { try await child.status(within: limit) }

    package func stop() async { await stop(grace: .seconds(5)) }

    package func stop(grace: Duration) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [child] in
                Cleanup.note(survivors: ChildProcess.stop([child], grace: grace))
                continuation.resume()
            }
        }
    }
}
