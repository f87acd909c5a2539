// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Client

struct ChildProgramTests {
    @Test func `input goes in and output comes out`() async throws {
        let input = [UInt8]((0..<4096).map { UInt8(truncatingIfNeeded: $0) })
        #expect(try await ChildProgram.run("cat", [], input: input) == input)
    }

    @Test func `arguments are passed as they are`() async throws {
        let output = try await ChildProgram.run("printf", ["%s|", "a b", "$HOME", "'\"", ""])
        #expect(String(decoding: output, as: UTF8.self) == "a b|$HOME|'\"||")
    }

    @Test func `an answer is output, errors and status`() async throws {
        let answer = try await ChildProgram.answer("sh", ["-c", "echo out; echo err >&2; exit 3"])
        #expect(String(decoding: answer.output, as: UTF8.self) == "out\nerr\n")
        #expect(answer.status == 3)
    }

    @Test func `a program holds none of our ports and connections`() async throws {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let output = try await ChildProgram.run("sh", ["-c", "ls -l /proc/$$/fd"])
        try await channel.close()
        let descriptors = String(decoding: output, as: UTF8.self)
        #expect(descriptors.contains(" 1 -> pipe:") && !descriptors.contains("socket:"), "\(descriptors)")
    }

    @Test func `signals reach a program`() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.close() }
        let output = try await ChildProgram.run("grep", ["SigBlk", "/proc/self/status"])
        let copy = directory.file("status")
        try ChildProgram.start("cp", ["/proc/self/status", copy])
        while try !(AtomicFile.exists(copy) && directory.text(of: "status").contains("SigBlk:")) {
            try await Task.sleep(for: .milliseconds(20))
        }
        for text in [String(decoding: output, as: UTF8.self), try directory.text(of: "status")] {
            #expect(text.contains("SigBlk:\t0000000000000000\n"), "\(text)")
        }
    }

    @Test func `a program that fails, hides or talks too much is said as such`() async {
        await #expect(throws: ClientError.programFailed("false", status: 1)) { try await ChildProgram.run("false", []) }
        await #expect(throws: ClientError.programFailed("sh", status: 137)) {
            try await ChildProgram.run("sh", ["-c", "kill -KILL $$"])
        }
        await #expect(throws: ClientError.programMissing("no-such-program")) {
            try await ChildProgram.run("no-such-program", [])
        }
        await #expect(throws: ClientError.outputTooLong("seq")) { try await ChildProgram.run("seq", ["100000"], limit: 1000) }
    }
}
