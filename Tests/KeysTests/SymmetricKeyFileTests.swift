// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Testing

@testable import Keys

/// Keys that something is encrypted with at rest.
@Suite struct SymmetricKeyFileTests {
    private func withPath(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/mayfly-keys-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder + "/key")
    }

    private func write(_ text: String, _ path: String, mode: Int = 0o600) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test func `it is made once, for its owner, and is the same from then on`() throws {
        try withPath { path in
            let key = try SymmetricKeyFile.readOrCreate(path)
            #expect(key.bitCount == 256)
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            #expect(try SymmetricKeyFile.readOrCreate(path) == key)
            try FileManager.default.removeItem(atPath: path)
            #expect(try SymmetricKeyFile.readOrCreate(path) != key)
        }
    }

    @Test func `one that others can read, or that is none, is refused and stays`() throws {
        try withPath { path in
            let good = Data(repeating: 7, count: 32).base64EncodedString() + "\n"
            try write(good, path, mode: 0o640)
            #expect(throws: KeyError.tooOpen(path: path, mode: 0o640)) { try SymmetricKeyFile.readOrCreate(path) }
            for text in ["short\n", Data(repeating: 7, count: 31).base64EncodedString(), "*" + good.dropFirst()] {
                try write(text, path)
                #expect(throws: KeyError.malformed(path: path)) { try SymmetricKeyFile.readOrCreate(path) }
                #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
            }
            try write(good, path)
            #expect(throws: Never.self) { try SymmetricKeyFile.readOrCreate(path) }
        }
    }
}
