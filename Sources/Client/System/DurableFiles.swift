// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import SystemPackage

/// Changes to files of which a crash at any moment leaves each either done or not done. What is done is on disk before the
/// next begins, the entry in its directory included.
///
/// New contents are first staged in the same directory, under a name that is always the same: what a crash left there is
/// known by it, and taken away by the next who writes or removes the file.
package struct DurableFiles: Sendable {
    package enum Change: Sendable, Equatable {
        case makeDirectory(String)
        case create(String)
        case fill(String)
        case rename(String)
        case remove(String)
        case removeDirectory(String)
    }

    /// Told of each change just before it; what it throws prevents it. Tests stop the world here.
    private let willChange: @Sendable (Change) throws -> Void

    package init(willChange: @escaping @Sendable (Change) throws -> Void = { _ in }) {
        self.willChange = willChange
    }

    /// Where new contents of `path` lie until they are installed. No pattern of sshd's or systemd's matches such a name.
    package static func staged(_ path: String) -> String {
        let path = FilePath(path)
        return path.removingLastComponent().appending(".\(path.lastComponent?.string ?? "").new").string
    }

    /// - Parameter mode: exact, whatever the umask.
    package func makeDirectory(_ path: String, mode: UInt32 = 0o755) throws {
        try willChange(.makeDirectory(path))
        guard unsafe mkdir(path, mode) == 0, unsafe chmod(path, mode) == 0 else { throw ClientError.unwritable(path: path) }
        try Self.sync(directoryOf: path)
    }

    /// - Returns: where the contents lie, to be looked at before `install`.
    @discardableResult
    package func stage(_ bytes: [UInt8], for path: String, mode: UInt32 = 0o644) throws -> String {
        let staged = Self.staged(path)
        try willChange(.create(staged))
        do {
            _ = unsafe unlink(staged)
            let file = try FileDescriptor.open(
                FilePath(staged), .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            try file.closeAfter {
                try willChange(.fill(staged))
                try file.writeAll(bytes)
                guard fchmod(file.rawValue, mode) == 0, fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch is Errno {
            throw ClientError.unwritable(path: staged)
        }
        return staged
    }

    /// Puts what was staged in the place of `path`.
    package func install(_ path: String) throws {
        try willChange(.rename(path))
        guard unsafe rename(Self.staged(path), path) == 0 else { throw ClientError.unwritable(path: path) }
        try Self.sync(directoryOf: path)
    }

    package func replace(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o644) throws {
        try stage(bytes, for: path, mode: mode)
        try install(path)
    }

    /// With what was staged for it. Nothing happens where neither is there.
    package func remove(_ path: String) throws {
        try unlinkIfThere(path)
        try unlinkIfThere(Self.staged(path))
    }

    package func removeStaged(_ path: String) throws { try unlinkIfThere(Self.staged(path)) }

    private func unlinkIfThere(_ path: String) throws {
        guard unsafe access(path, F_OK) == 0 else { return }
        try willChange(.remove(path))
        guard unsafe unlink(path) == 0 else { throw ClientError.unwritable(path: path) }
        try Self.sync(directoryOf: path)
    }

    /// - Returns: whether it is gone: one that holds something stays.
    package func removeDirectory(_ path: String) throws -> Bool {
        guard unsafe access(path, F_OK) == 0 else { return true }
        try willChange(.removeDirectory(path))
        guard unsafe rmdir(path) == 0 else {
            guard errno == ENOTEMPTY || errno == EEXIST else { throw ClientError.unwritable(path: path) }
            return false
        }
        try Self.sync(directoryOf: path)
        return true
    }

    private static func sync(directoryOf path: String) throws {
        let directory = FilePath(path).removingLastComponent()
        guard let descriptor = try? FileDescriptor.open(directory, .readOnly, options: [.directory, .closeOnExec]) else {
            throw ClientError.unwritable(path: directory.string)
        }
        defer { try? descriptor.close() }
        guard fsync(descriptor.rawValue) == 0 else { throw ClientError.unwritable(path: directory.string) }
    }
}

/// A lock on a directory that ends with the process, however it ends. Nothing is written for it.
package struct DirectoryLock: ~Copyable {
    private let descriptor: FileDescriptor

    /// Waits for nobody.
    /// - Throws: `ClientError.host(.busy)` when another process has it.
    package init(_ path: String) throws(ClientError) {
        guard let descriptor = try? FileDescriptor.open(FilePath(path), .readOnly, options: [.directory, .closeOnExec]) else {
            throw .unreadable(path: path)
        }
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            try? descriptor.close()
            throw .host(.busy)
        }
        self.descriptor = descriptor
    }

    /// - Throws: `ClientError.host(.busy)` when another has it for longer than `limit`.
    package static func acquired(_ path: String, within limit: Duration = .seconds(10)) async throws -> DirectoryLock {
        let deadline = ContinuousClock.now + limit
        while true {
            do throws(ClientError) {
                return try DirectoryLock(path)
            } catch {
                guard case .host(.busy) = error, ContinuousClock.now < deadline else { throw error }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    deinit {
        // A program that another thread is just starting has the descriptor too, until it becomes that program.
        flock(descriptor.rawValue, LOCK_UN)
        try? descriptor.close()
    }
}
