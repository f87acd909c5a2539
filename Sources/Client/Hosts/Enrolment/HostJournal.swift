// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// What an enrolment changes, written down before it does: the way back, also from the middle.
struct HostJournal: Codable, Equatable, Sendable {
    struct File: Codable, Equatable, Sendable {
        let path: String
        /// What was there before; nil: nothing.
        let previous: Data?
        let mode: UInt32?
    }

    /// Those it makes, the outermost first.
    var directories: [String]
    /// In the order in which they are written.
    var files: [File]

    /// As things are now.
    init(files paths: [String], directories wanted: [String]) throws(ClientError) {
        directories = wanted.filter { !AtomicFile.exists($0) }
        files = []
        for path in paths { files.append(try Self.file(path)) }
    }

    private static func file(_ path: String) throws(ClientError) -> File {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
            return File(path: path, previous: nil, mode: nil)
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular, let mode = attributes[.posixPermissions] as? Int else {
            throw .host(.notRegular(path: path))
        }
        return File(path: path, previous: Data(try AtomicFile.read(path)), mode: UInt32(mode & 0o7777))
    }

    /// nil: there is none.
    init?(reading path: String) throws(ClientError) {
        guard AtomicFile.exists(path) else { return nil }
        let bytes = try AtomicFile.read(path, limit: 64 << 20)
        do {
            self = try JSONDecoder().decode(HostJournal.self, from: Data(bytes))
        } catch {
            throw .damaged(path: path)
        }
    }

    var bytes: [UInt8] { (try? JSONEncoder().encode(self)).map(Array.init) ?? [] }
}
