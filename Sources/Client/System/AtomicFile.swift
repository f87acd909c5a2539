// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import SystemPackage

/// Files that appear whole or not at all, and never with wider access than they keep.
package enum AtomicFile {
    package enum Readers: Sendable {
        case owner
        case everyone

        fileprivate var mode: mode_t { self == .owner ? 0o600 : 0o644 }
    }

    /// Replaces `path`, on disk before it returns. The mode is exact, whatever the umask.
    package static func write(_ bytes: [UInt8], to path: String, for readers: Readers = .owner) throws(ClientError) {
        let target = FilePath(path)
        guard let name = target.lastComponent else { throw .unwritable(path: path) }
        let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
        let temporary = target.removingLastComponent().appending(".\(name.string).\(suffix)")
        do {
            let file = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            do {
                try file.closeAfter {
                    try file.writeAll(bytes)
                    guard fchmod(file.rawValue, readers.mode) == 0, fsync(file.rawValue) == 0 else {
                        throw Errno(rawValue: errno)
                    }
                }
                guard unsafe rename(temporary.string, path) == 0 else { throw Errno(rawValue: errno) }
            } catch {
                try? FileManager.default.removeItem(atPath: temporary.string)
                throw error
            }
        } catch {
            throw .unwritable(path: path)
        }
    }

    package static func write(_ text: String, to path: String, for readers: Readers = .owner) throws(ClientError) {
        try write(Array(text.utf8), to: path, for: readers)
    }

    /// - Parameter isSecret: whether to refuse a file that others can read.
    package static func read(_ path: String, limit: Int = 1 << 20, isSecret: Bool = false) throws(ClientError) -> [UInt8] {
        do {
            // `nonBlocking`, because opening a FIFO would otherwise wait for a writer for ever.
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .nonBlocking])
            return try file.closeAfter {
                let status = try file.stat()
                guard status.type == .regular else { throw ClientError.unreadable(path: path) }
                guard !isSecret || status.permissions.rawValue & 0o077 == 0 else { throw ClientError.openToOthers(path: path) }
                var bytes: [UInt8] = []
                while bytes.count <= limit {
                    let part = try file.readSome()
                    if part.isEmpty { return bytes }
                    bytes += part
                }
                throw ClientError.tooLarge(path: path, limit: limit)
            }
        } catch let error as ClientError {
            throw error
        } catch {
            throw .unreadable(path: path)
        }
    }

    package static func readText(_ path: String, limit: Int = 1 << 20, isSecret: Bool = false) throws(ClientError) -> String {
        guard let text = String(validating: try read(path, limit: limit, isSecret: isSecret), as: UTF8.self) else {
            throw .damaged(path: path)
        }
        return text
    }

    package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// One that exists keeps its mode.
    package static func createDirectory(_ path: String, mode: UInt32 = 0o700) throws(ClientError) {
        if exists(path) { return }
        let parent = FilePath(path).removingLastComponent().string
        if !parent.isEmpty, !exists(parent) { try createDirectory(parent, mode: mode) }
        guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else { throw .unwritable(path: path) }
    }

    /// Whether a file can be made in it, found out by making one: a mode says nothing of mounts and quotas.
    package static func checkWritable(_ directory: String) throws(ClientError) {
        let probe = "\(directory)/.probe"
        do {
            // As much as a session.
            try write([UInt8](repeating: 0, count: 4096), to: probe)
        } catch {
            throw .unwritable(path: directory)
        }
        remove(probe)
    }

    /// Nothing happens when it is not there.
    package static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}

extension FileDescriptor {
    /// What is there, at most 64 KiB; empty at the end.
    func readSome() throws -> [UInt8] {
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = try unsafe part.withUnsafeMutableBytes { try unsafe read(into: $0) }
        return Array(part.prefix(count))
    }
}
