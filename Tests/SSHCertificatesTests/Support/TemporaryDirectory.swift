// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A directory of one's own (mode 0700), removed afterwards.
func withTemporaryDirectory<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let url = FileManager.default.temporaryDirectory.appending(path: "ssh-certificates-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url)
}

extension URL {
    /// Writes a file that only its owner may read, which ssh-keygen demands of private keys.
    func write(_ bytes: [UInt8], to name: String) throws {
        let file = appending(path: name)
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
    }

    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }
}
