// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Glibc
import Synchronization

/// What this process must not leave behind: every program it started and every temporary directory it made.
///
/// Global, because `exit` and signals are: at exit and on SIGINT, SIGTERM and SIGHUP everything is stopped and removed.
package enum Cleanup {
    private struct State: ~Copyable {
        var isInstalled = false
        var children: [ObjectIdentifier: ChildProcess] = [:]
        var directories: Set<String> = []
        var signalSources: [any DispatchSourceSignal] = []
        var survivors: [ProcessIdentity] = []
        /// A signal is ending the process: nothing may be started any more.
        var isEnding = false
    }

    private static let state = Mutex(State())

    /// Stops all programs that still run and removes the temporary directories. Blocks for 6 seconds at most; for good when
    /// a signal is ending this process.
    package static func stopAll() {
        haltIfEnding()
        stop()
    }

    private static func stop() {
        let (children, directories) = state.withLock { (Array($0.children.values), $0.directories) }
        note(survivors: ChildProcess.stop(children, grace: .seconds(3)))
        for path in directories {
            try? FileManager.default.removeItem(atPath: path)
            forget(directory: path)
        }
    }

    /// The processes that should be gone and are not: what outlived its server's `stop`, and what this process started and
    /// still runs. Empty when all is well; meaningful once everything has been stopped.
    package static func leaks() -> [ProcessIdentity] {
        let survivors = state.withLock { $0.survivors.filter(\.isAlive) }
        return Array(Set(survivors + ProcessIdentity.descendants(of: getpid())))
    }

    static func note(survivors: [ProcessIdentity]) { state.withLock { $0.survivors += survivors } }

    /// Starts and registers in one step, so that the end misses nothing.
    static func registering(_ start: () throws -> ChildProcess) throws -> ChildProcess {
        while true {
            let started = try state.withLock { state -> ChildProcess? in
                guard !state.isEnding else { return nil }
                let child = try start()
                state.children[ObjectIdentifier(child)] = child
                return child
            }
            if let started { return started }
            haltIfEnding()
        }
    }

    /// What nothing may be started beside.
    static func whileNothingStarts<Result>(_ body: () throws -> Result) rethrows -> Result {
        try state.withLock { _ in try body() }
    }

    static func forget(_ child: ChildProcess) { state.withLock { $0.children[ObjectIdentifier(child)] = nil } }

    static func register(directory: String) {
        install()
        while !state.withLock({ $0.isEnding ? false : $0.directories.insert(directory).inserted }) { haltIfEnding() }
    }

    /// What would go on, and make new files, waits for the end instead.
    static func haltIfEnding() {
        while state.withLock({ $0.isEnding }) { sleep(1) }
    }

    static func forget(directory: String) { state.withLock { _ = $0.directories.remove(directory) } }

    static func install() {
        state.withLock { state in
            if state.isInstalled { return }
            state.isInstalled = true
            atexit { Cleanup.stopAll() }
            for number in [SIGINT, SIGTERM, SIGHUP] {
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { end(with: number) }
                source.resume()
                state.signalSources.append(source)
            }
        }
    }

    /// Dies by the same signal after cleaning up, so that a shell or make sees what happened.
    private static func end(with number: Int32) {
        state.withLock { $0.isEnding = true }
        stop()
        _ = signal(number, SIG_DFL)
        kill(getpid(), number)
    }
}
