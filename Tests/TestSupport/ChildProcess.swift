// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// What makes a server end at once and cleanly. The raw value is its name for setpriv(1).
package enum StopSignal: String, Sendable {
    case terminate = "TERM"
    case interrupt = "INT"
    case quit = "QUIT"
    /// For a server that leaves nothing behind, and would finish what it is at before it ends.
    case kill = "KILL"

    var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        case .quit: SIGQUIT
        case .kill: SIGKILL
        }
    }
}

/// What to start: no shell reads it.
struct Command: Sendable {
    var executable: String
    var arguments: [String]
    /// The whole environment.
    var environment: [String: String]
    /// Files, so that no pipe can fill up and nobody has to keep reading. Output is appended.
    var input = "/dev/null"
    var output = "/dev/null"
    var errors = "/dev/null"
    var stopSignal: StopSignal

    /// - Parameters:
    ///   - user: who the program runs as, with that user's own group; needs root.
    ///   - endsWithParent: whether the program gets `stopSignal` when this process dies, however it dies (prctl(2)).
    init(
        _ executable: String, _ arguments: [String], environment: [String: String] = [:], directory: String? = nil,
        user: String? = nil, stopSignal: StopSignal = .terminate, endsWithParent: Bool = false
    ) throws(TestSupportError) {
        // env(1) and setpriv(1) become the program by exec, so the process number stays the program's; faketime(1) and
        // runuser(1) fork and lose it.
        var words = [try Program.path(of: executable)] + arguments
        if let user { words = ["--reuid=" + user, "--regid=" + user, "--init-groups", "--"] + words }
        if endsWithParent { words = ["--pdeathsig=\(stopSignal.rawValue)"] + (user == nil ? ["--"] : []) + words }
        if user != nil || endsWithParent { words.insert(try Program.path(of: "setpriv"), at: 0) }
        if let directory { words = [try Program.path(of: "env"), "--chdir=" + directory] + words }
        self.executable = words.removeFirst()
        self.arguments = words
        self.stopSignal = stopSignal
        self.environment = Program.environment.merging(environment) { $1 }
    }

    var description: String { ([executable] + arguments).joined(separator: " ") }
}

/// A running program: leader of its own session, with default signal handling.
final class ChildProcess: Sendable {
    let command: Command
    let processID: pid_t
    private let exit = Mutex<Int32?>(nil)

    private init(_ command: Command, processID: pid_t) {
        self.command = command
        self.processID = processID
    }

    /// Starts the program on a thread that stays until the program ends.
    ///
    /// `PR_SET_PDEATHSIG` (prctl(2)), which `BackgroundProcess` uses, is bound to the thread that started the child.
    static func start(_ command: Command) async throws -> ChildProcess {
        Cleanup.install()
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                do {
                    let child = try Cleanup.registering { ChildProcess(command, processID: try spawn(command)) }
                    continuation.resume(returning: child)
                    child.reap()
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// The exit code, or 128 + the signal's number as a shell has it; `nil` while the program runs.
    var status: Int32? { exit.withLock { $0 } }

    func send(_ signal: Int32) {
        // INVARIANT: under the lock the number is still this child's: only `reap` gives it back.
        exit.withLock { if $0 == nil { _ = kill(processID, signal) } }
    }

    /// Waits for the end, at most `limit`.
    func status(within limit: Duration) async throws -> Int32? {
        let deadline = ContinuousClock.now + limit
        while status == nil, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        // Or the caller would take the end of a program that is being stopped for its result.
        Cleanup.haltIfEnding()
        return status
    }

    /// Ends the programs and all that descends from them: asks, waits, then kills. Blocks the thread.
    ///
    /// - Returns: what is alive even so.
    @discardableResult
    static func stop(_ children: [ChildProcess], grace: Duration) -> [ProcessIdentity] {
        // sshd's sessions outlive the listener, and are nobody's descendants once it is gone: they are noted before, while it
        // is halted and cannot start another.
        halt(children)
        var family = descendants(of: children)
        for child in children {
            child.send(child.command.stopSignal.number)
            child.send(SIGCONT)
        }
        wait(grace) { children.allSatisfy { $0.status != nil } }

        halt(children)
        var halted = Set<ProcessIdentity>()
        family.formUnion(descendants(of: children))
        while case let rest = family.subtracting(halted).filter(\.isAlive), !rest.isEmpty {
            for member in rest { kill(member.processID, SIGSTOP) }
            waitUntilHalted(rest.map(\.processID))
            halted.formUnion(rest)
            for member in rest { family.formUnion(ProcessIdentity.descendants(of: member.processID)) }
        }
        for child in children { child.send(SIGKILL) }
        for member in halted where member.isAlive { kill(member.processID, SIGKILL) }
        wait(.seconds(3)) { children.allSatisfy { $0.status != nil } && !family.contains(where: \.isAlive) }
        return family.filter(\.isAlive)
    }

    private static func halt(_ children: [ChildProcess]) {
        for child in children { child.send(SIGSTOP) }
        waitUntilHalted(children.filter { $0.status == nil }.map(\.processID))
    }

    /// A signal that was sent may not have arrived: until it has, a fork may be under way whose child nobody has seen.
    private static func waitUntilHalted(_ processes: [pid_t]) {
        wait(.seconds(3)) { processes.allSatisfy { ProcessIdentity(reading: $0)?.isHalted != false } }
    }

    private static func descendants(of children: [ChildProcess]) -> Set<ProcessIdentity> {
        Set(children.filter { $0.status == nil }.flatMap { ProcessIdentity.descendants(of: $0.processID) })
    }

    private static func wait(_ limit: Duration, until isDone: () -> Bool) {
        let deadline = ContinuousClock.now + limit
        while !isDone(), ContinuousClock.now < deadline { usleep(5000) }
    }

    private func reap() {
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        exit.withLock {
            // The number is ours until `waitpid`: whatever the program left in its own group goes with it.
            kill(-processID, SIGKILL)
            var raw: Int32 = 0
            unsafe waitpid(processID, &raw, 0)
            let signal = raw & 0x7f
            $0 = signal == 0 ? (raw >> 8) & 0xff : 128 + signal
        }
        Cleanup.forget(self)
    }

    private static func spawn(_ command: Command) throws(TestSupportError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let write = O_WRONLY | O_CREAT | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, 0, command.input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, command.output, write, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, command.errors, write, 0o600)
        // NIO's sockets are not closed by exec: a port that a test closes would stay open in every program that runs.
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in descriptors.compactMap(Int32.init) where descriptor > 2 {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        let newSession: Int32 = 0x80  // POSIX_SPAWN_SETSID of <spawn.h>, which Swift does not see without _GNU_SOURCE
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(newSession | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)

        let environment = command.environment.map { "\($0.key)=\($0.value)" }
        var arguments = unsafe ([command.executable] + command.arguments).map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe variables.forEach { unsafe free($0) }
        }
        var processID: pid_t = 0
        let code = unsafe posix_spawn(&processID, command.executable, &actions, &attributes, &arguments, &variables)
        guard code == 0 else { throw .cannotStart(command: command.description, errno: code) }
        return processID
    }
}
