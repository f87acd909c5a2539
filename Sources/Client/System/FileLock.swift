// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOPosix
import SystemPackage

/// One process at a time.
package enum FileLock {
    /// Runs `body` while no other process runs one with this file. The lock goes with the process, however it ends; the
    /// file stays, because whoever removed it would lock another one than those who wait.
    package static func holding<Result>(
        _ path: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async throws -> Result {
        let file = try await NIOThreadPool.singleton.runIfActive { try locked(path) }
        defer { try? file.close() }
        return try await body()
    }

    private static func locked(_ path: String) throws(ClientError) -> FileDescriptor {
        do {
            let file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .noFollow, .closeOnExec], permissions: .ownerReadWrite)
            while flock(file.rawValue, LOCK_EX) != 0 {
                guard errno == EINTR else {
                    try? file.close()
                    throw ClientError.unwritable(path: path)
                }
            }
            return file
        } catch {
            throw .unwritable(path: path)
        }
    }
}
