// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import SystemPackage

/// Files that nobody but their owner may use.
enum PrivateFile {
    /// Symbolic links are followed, since Kubernetes mounts secrets as links: what counts is the file that was opened, and it
    /// is judged by its descriptor, so it cannot be exchanged in between.
    static func read(_ path: String, limit: Int) throws(KeyError) -> SecretBytes {
        let file: FileDescriptor
        do {
            // `nonBlocking`, because opening a FIFO would otherwise wait for a writer for ever.
            file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.nonBlocking, .closeOnExec])
        } catch Errno.noSuchFileOrDirectory {
            throw .missing(path: path)
        } catch {
            throw KeyError(error, "open", path)
        }
        defer { try? file.close() }

        let status: Stat
        do { status = try file.stat() } catch { throw KeyError(error, "examine", path) }
        guard status.type == .regular else { throw .notRegular(path: path) }
        try refuseUnlessPrivate(
            path, mode: status.permissions.rawValue, owner: status.userID.rawValue, group: status.groupID.rawValue,
            effectiveUser: geteuid())

        let bytes: SecretBytes
        do { bytes = try SecretBytes(reading: file, limit: limit) } catch { throw KeyError(error, "read", path) }
        guard bytes.count <= limit else { throw .tooLarge(path: path, limit: limit) }
        guard bytes.count > 0 else { throw .empty(path: path) }
        return bytes
    }

    static func refuseUnlessPrivate(
        _ path: String, mode: UInt32, owner: UInt32, group: UInt32, effectiveUser: UInt32
    ) throws(KeyError) {
        guard owner == effectiveUser || owner == 0 else { throw .foreignOwner(path: path, uid: owner) }
        // systemd gives a credential to a service's user by an access control list, whose mask shows as the group's bits.
        // Root's own group gains nothing by reading it.
        let isSystemdCredential = mode == 0o440 && owner == 0 && group == 0
        guard mode & 0o077 == 0 || isSystemdCredential else { throw .tooOpen(path: path, mode: mode) }
    }

    /// Creates `path` with mode 0600, whole or not at all, on disk before it returns. Never replaces anything.
    static func create(_ path: String, _ write: (FileDescriptor) throws -> Void) throws(KeyError) {
        let target = FilePath(path)
        guard let name = target.lastComponent else { throw .notRegular(path: path) }
        let directory = target.removingLastComponent().isEmpty ? FilePath(".") : target.removingLastComponent()
        let suffix = String(UInt64.random(in: .min ... .max), radix: 36)
        let temporary = directory.appending(".\(name.string).\(suffix)")
        do {
            let file = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            defer { try? FileManager.default.removeItem(atPath: temporary.string) }
            try file.closeAfter {
                try write(file)
                try synchronize(file)
            }
            // A link, unlike a rename, fails if the name is taken. Its other name goes with the `defer`.
            try FileManager.default.linkItem(atPath: temporary.string, toPath: path)
            let parent = try FileDescriptor.open(directory, .readOnly, options: [.directory, .closeOnExec])
            try parent.closeAfter { try synchronize(parent) }
        } catch {
            throw KeyError(error, "create", path)
        }
    }

    private static func synchronize(_ file: FileDescriptor) throws {
        guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }
}

extension KeyError {
    /// What the file system said, whether through swift-system or Foundation.
    fileprivate init(_ error: any Error, _ operation: String, _ path: String) {
        let underlying = (error as? CocoaError)?.underlying ?? error
        let code = (underlying as? Errno)?.rawValue ?? (underlying as? POSIXError)?.code.rawValue ?? EIO
        self = code == EEXIST ? .alreadyExists(path: path) : .system(path: path, operation: operation, errno: code)
    }
}
