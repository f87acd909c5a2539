// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Glibc
import Synchronization

/// A new directory of its own under `$TMPDIR` or `/tmp`, removed with all its content by `close()`, on `deinit`, and when the
/// process exits or is interrupted.
///
/// A directory that others may enter is always made in `/tmp`: `$TMPDIR` may be closed to them.
package final class TemporaryDirectory: Sendable {
    package let path: String

    /// - Parameter mode: 0700, or 0711 when a server of the test runs as another user than the test.
    package init(mode: mode_t = 0o700) throws {
        let name = "mayfly-" + String(UInt64.random(in: .min ... .max), radix: 36)
        path = Self.parent(isPrivate: mode & 0o077 == 0) + "/" + name
        Cleanup.register(directory: path)
        // mkdir subtracts the umask, chmod does not.
        guard unsafe mkdir(path, 0o700) == 0, unsafe chmod(path, mode) == 0 else {
            let code = errno
            Cleanup.forget(directory: path)
            throw TestSupportError.cannotCreate(path: path, errno: code)
        }
    }

    deinit { close() }

    package func close() {
        try? FileManager.default.removeItem(atPath: path)
        // What somebody still writes to is tried again at the end.
        if !FileManager.default.fileExists(atPath: path) { Cleanup.forget(directory: path) }
    }

    /// The path of `name` in this directory; nothing is created.
    package func file(_ name: String) -> String { path + "/" + name }

    /// Creates or replaces a file and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String, mode: mode_t = 0o600) throws -> String {
        let path = file(name)
        let write = { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) }
        // A child that starts meanwhile holds the file open until it has become its program, and for so long nobody can run
        // what is written (ETXTBSY, execve(2)).
        if mode & 0o111 != 0 { try Cleanup.whileNothingStarts(write) } else { try write() }
        guard unsafe chmod(path, mode) == 0 else { throw TestSupportError.cannotCreate(path: path, errno: errno) }
        return path
    }

    @discardableResult
    package func makeDirectory(_ name: String, mode: mode_t = 0o700) throws -> String {
        let path = file(name)
        guard unsafe mkdir(path, 0o700) == 0, unsafe chmod(path, mode) == 0 else {
            throw TestSupportError.cannotCreate(path: path, errno: errno)
        }
        return path
    }

    package func text(of name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: file(name))), as: UTF8.self)
    }

    /// Whether the file is missing or has no content.
    func isEmpty(_ name: String) -> Bool { ((try? text(of: name)) ?? "").isEmpty }

    private static func parent(isPrivate: Bool) -> String {
        // A Unix socket's path has at most 107 bytes (unix(7)), and several are made in here.
        guard isPrivate, let path = ProcessInfo.processInfo.environment["TMPDIR"], (1...60).contains(path.utf8.count) else {
            return "/tmp"
        }
        return path
    }
}
