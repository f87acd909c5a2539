// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Files made by `Fixtures/regenerate.sh`.
enum Fixture {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    static func url(_ path: String) -> URL { directory.appending(path: path) }

    static func text(_ path: String) throws -> String { try String(contentsOf: url(path), encoding: .utf8) }

    /// The base64 of a line `type base64 comment`.
    static func blob(_ path: String) throws -> [UInt8] {
        let words = try text(path).split(separator: " ")
        guard words.count >= 2, let data = Data(base64Encoded: String(words[1])) else { throw CocoaError(.fileReadCorruptFile) }
        return Array(data)
    }

    /// Paths of all files of a folder, sorted.
    static func all(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url(folder).path).sorted().map { folder + "/" + $0 }
    }
}
