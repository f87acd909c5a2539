// SPDX-License-Identifier: Apache-2.0

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

    /// Whole or not at all, in place of what was there.
    static func write(_ text: String, to path: String, mode: Int) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
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

    /// Path, size and time: what changes when an editor, git or a deployment replaces a file.
    static func fingerprint(_ path: String) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let time = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        return "\(path) \(attributes?[.size] ?? 0) \(time)"
    }

    static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path), let text = String(validating: data, as: UTF8.self) else {
            throw ServerError.unreadable(path)
        }
        return text
    }
}
