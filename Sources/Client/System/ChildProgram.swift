// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import NIOPosix
import SystemPackage

/// Programs of OpenSSH that work for us: in our own process group, so that they can ask on the terminal, which a child in a
/// group of its own could not.
package enum ChildProgram {
    /// What the program prints; its errors go where ours go.
    ///
    /// - Parameters:
    ///   - input: at most 4 KiB, which a pipe holds without a reader.
    ///   - limit: bytes of output.
    package static func run(
        _ name: String, _ arguments: [String], input: [UInt8] = [], limit: Int = 65_536
    ) async throws -> [UInt8] {
        let end = try await NIOThreadPool.singleton.runIfActive {
            try runBlocking(name, arguments, input: input, limit: limit, mergesErrors: false)
        }
        guard end.status == 0 else { throw ClientError.programFailed(name, status: end.status) }
        return end.output
    }

    /// Output and errors of a program in one, and the status it ended with, which is an answer too.
    ///
    /// - Parameters: as of `run`.
    package static func answer(
        _ name: String, _ arguments: [String], input: [UInt8] = [], limit: Int = 65_536
    ) async throws -> (output: [UInt8], status: Int32) {
        try await NIOThreadPool.singleton.runIfActive {
            try runBlocking(name, arguments, input: input, limit: limit, mergesErrors: true)
        }
    }

    /// Starts the program and leaves it alone: it has no input, and what it prints goes nowhere.
    package static func start(_ name: String, _ arguments: [String]) throws {
        let nothing = try FileDescriptor.open(FilePath("/dev/null"), .readWrite, options: .closeOnExec)
        defer { try? nothing.close() }
        _ = try spawn(name, arguments, input: nothing.rawValue, output: nothing.rawValue, error: nothing.rawValue)
    }

    private static func runBlocking(
        _ name: String, _ arguments: [String], input: [UInt8], limit: Int, mergesErrors: Bool
    ) throws -> (output: [UInt8], status: Int32) {
        guard input.count <= 4096 else { throw ClientError.outputTooLong(name) }
        let (childInput, ourInput) = try FileDescriptor.pipe()
        let (ourOutput, childOutput) = try FileDescriptor.pipe()
        defer { try? ourOutput.close() }
        let process: pid_t
        do {
            defer {
                for end in [childInput, ourInput, childOutput] { try? end.close() }
            }
            try ourInput.writeAll(input)
            process = try spawn(
                name, arguments, input: childInput.rawValue, output: childOutput.rawValue,
                error: mergesErrors ? childOutput.rawValue : nil)
        }
        // The output is read to its end even when it is too long, or the program would wait for us as we for it.
        var output: [UInt8] = []
        var isTooLong = false
        while let part = try? ourOutput.readSome(), !part.isEmpty {
            isTooLong = isTooLong || output.count + part.count > limit
            if !isTooLong { output += part }
        }
        let status = wait(for: process)
        guard status != 127 else { throw ClientError.programMissing(name) }
        guard status != 0 || !isTooLong else { throw ClientError.outputTooLong(name) }
        return (output, status)
    }

    /// The program gets the three standard descriptors and no other: NIO's sockets are not closed by exec, and neither our
    /// connections nor our ports are for others to hold. Signals reach it: the threads that we run on block nearly all of them, and a
    /// program inherits that for life.
    private static func spawn(
        _ name: String, _ arguments: [String], input: Int32, output: Int32, error: Int32? = nil
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        if let error { unsafe posix_spawn_file_actions_adddup2(&actions, error, 2) }
        for descriptor in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
        where descriptor > 2 {
            unsafe posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var blocked = noSignals
        unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
        var process: pid_t = 0
        let code = unsafe CStrings([name] + arguments).withPointers {
            unsafe posix_spawnp(&process, name, &actions, &attributes, $0, environ)
        }
        guard code != ENOENT else { throw ClientError.programMissing(name) }
        guard code == 0 else { throw ClientError.programFailed(name, status: code) }
        return process
    }

    private static var noSignals: sigset_t {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        return signals
    }

    /// The exit code, or 128 + the signal's number as a shell has it.
    private static func wait(for process: pid_t) -> Int32 {
        var raw: Int32 = 0
        while unsafe waitpid(process, &raw, 0) == -1, errno == EINTR {}
        let signal = raw & 0x7f
        return signal == 0 ? (raw >> 8) & 0xff : 128 + signal
    }
}

extension ChildProgram {
    /// Becomes the program: it keeps our process number, terminal and place in the foreground.
    ///
    /// Safety: called when nothing is left to do here; whatever other threads do ends with this image.
    package static func become(_ name: String, _ arguments: [String]) throws(ClientError) -> Never {
        // What is ignored stays ignored in the new program; only a handler is reset by execve(2).
        signal(SIGPIPE, SIG_DFL)
        var blocked = noSignals
        unsafe pthread_sigmask(SIG_SETMASK, &blocked, nil)
        _ = unsafe CStrings([name] + arguments).withPointers { unsafe execvp(name, $0) }
        throw errno == ENOENT ? .programMissing(name) : .programFailed(name, status: errno)
    }
}

/// Copies of strings as C wants an argument list: pointers, with a null pointer at the end.
@safe private struct CStrings: ~Copyable {
    private var pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [String]) {
        unsafe pointers = strings.map { unsafe strdup($0) } + [nil]
    }

    /// - Returns: what `body` does; `EINVAL` for an empty list, which `init` does not make.
    func withPointers(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32) -> Int32 {
        unsafe pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return EINVAL }
            return unsafe body(base)
        }
    }

    deinit { unsafe pointers.forEach { unsafe free($0) } }
}
