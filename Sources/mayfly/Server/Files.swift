// SPDX-License-Identifier: Apache-2.0

import Client
import FoundationEssentials
import SystemPackage

/// Files of the server, apart from the CA keys.
enum Files {
    /// Creates the folder and those above it; one that exists keeps its mode.
    static func createDirectory(_ path: String, mode: Int) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        } catch {
            throw ServerError.unwritable(path)
        }
    }

    /// Whole or not at all, in place of what was there, and never with wider access than it keeps.
    static func write(_ text: String, to path: String, isPrivate: Bool = false) throws {
        do {
            try AtomicFile.write(text, to: path, for: isPrivate ? .owner : .everyone)
        } catch {
            throw ServerError.unwritable(path)
        }
    }

    /// A new file that nobody else may read. Never replaces one.
    static func createPrivate(_ bytes: [UInt8], at path: String) throws {
        do {
            let file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .noFollow], permissions: .ownerReadWrite)
            try file.closeAfter { _ = try file.writeAll(bytes) }
        } catch {
            throw ServerError.unwritable(path)
        }
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func isDirectory(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
    }

    /// Path, size and time: what changes when an editor, git or a deployment replaces a file.
    static func fingerprint(_ path: String) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let time = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(path) \(attributes?[.size] ?? 0) \(time)"
    }

    /// The one line of a file that others cannot read, without its end.
    static func readSecret(_ path: String) throws -> String {
        let text = try read(path)
        let mode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        guard let mode, mode & 0o007 == 0 else { throw ReceiverError.readableByAll(file: path) }
        let line = text.hasSuffix("\n") ? text.dropLast() : text[...]
        guard line.utf8.count <= 4096, !line.contains(where: \.isNewline) else {
            throw ReceiverError.unusableSecret(file: path, "it must hold one line")
        }
        return String(line)
    }

    static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path), let text = String(validating: data, as: UTF8.self) else {
            throw ServerError.unreadable(path)
        }
        return text
    }
}
