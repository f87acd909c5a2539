// SPDX-License-Identifier: Apache-2.0

import Foundation

enum Fixture {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    /// The golden file; with UPDATE_GOLDEN=1 it becomes what the code says now.
    static func golden(_ name: String, now text: String) throws -> String {
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        return try self.text(name)
    }
}
