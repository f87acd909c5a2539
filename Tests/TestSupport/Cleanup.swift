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
    }

    private static let state = Mutex(State())

    /// Stops all programs that still run, newest last, and removes the temporary directories. Blocks for 6 seconds at most.
    package static func stopAll() {
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
    static func register(_ child: ChildProcess) { state.withLock { $0.children[ObjectIdentifier(child)] = child } }
    static func forget(_ child: ChildProcess) { state.withLock { $0.children[ObjectIdentifier(child)] = nil } }

    static func register(directory: String) {
        install()
        state.withLock { _ = $0.directories.insert(directory) }
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
        stopAll()
        _ = signal(number, SIG_DFL)
        kill(getpid(), number)
    }
}
