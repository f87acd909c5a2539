// SPDX-License-Identifier: Apache-2.0
import Foundation

enum Fixture {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures")

    static func text(_ path: String) throws -> String {
        try String(contentsOf: directory.appending(path: path), encoding: .utf8)
    }

    /// The bytes within the PEM, decoded by other means than ours.
    static func der(_ path: String) throws -> [UInt8] {
        let body = try text(path).split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        return Array(Data(base64Encoded: body) ?? Data())
    }

    static func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.appending(path: path).path).sorted()
    }
}
