// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Client

struct AtomicFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func `a file is closed to others, also where an open one was`() throws {
        let path = try directory.write("old", to: "file", mode: 0o644)
        try AtomicFile.write("secret", to: path)
        #expect(try mode(of: path) == 0o600)
        #expect(try AtomicFile.readText(path, isSecret: true) == "secret")
    }

    @Test func `a file for others gets exactly the mode it shall have`() throws {
        let path = directory.file("file")
        try AtomicFile.write("public", to: path, for: .everyone)
        #expect(try mode(of: path) == 0o644)
    }

    @Test func `a reader sees the old or the new content, never a part`() async throws {
        let path = directory.file("file")
        let contents = [UInt8(ascii: "a"), UInt8(ascii: "b")].map { [UInt8](repeating: $0, count: 300_000) }
        try AtomicFile.write(contents[0], to: path)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for round in 0..<50 { try AtomicFile.write(contents[round % 2], to: path) } }
            for _ in 0..<200 {
                let seen = try AtomicFile.read(path)
                #expect(seen == contents[0] || seen == contents[1])
            }
            try await group.waitForAll()
        }
    }

    @Test func `a write that fails leaves nothing behind`() throws {
        let path = try directory.makeDirectory("folder")
        #expect(throws: ClientError.unwritable(path: path)) { try AtomicFile.write("text", to: path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["folder"])
    }

    @Test func `a secret that others can read is refused`() throws {
        let path = try directory.write("secret", to: "file", mode: 0o640)
        #expect(throws: ClientError.openToOthers(path: path)) { try AtomicFile.read(path, isSecret: true) }
    }

    @Test func `a file that is too large is refused`() throws {
        let path = try directory.write("12345", to: "file")
        #expect(try AtomicFile.read(path, limit: 5).count == 5)
        #expect(throws: ClientError.tooLarge(path: path, limit: 4)) { try AtomicFile.read(path, limit: 4) }
    }

    @Test func `what is no regular file is refused without waiting`() async throws {
        let path = directory.file("fifo")
        try await TestSupport.run("mkfifo", [path]).checked()
        #expect(throws: ClientError.unreadable(path: path)) { try AtomicFile.read(path) }
    }
}
