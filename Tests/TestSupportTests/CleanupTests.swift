// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CleanupTests {
    @Test func `a temporary directory has its mode and goes with all its content`() throws {
        var directory: TemporaryDirectory? = try TemporaryDirectory(mode: 0o711)
        let path = try #require(directory).path
        try directory?.write("x", to: "file")
        let file = path + "/file"
        #expect(try mode(of: path) == 0o711)
        #expect(try mode(of: file) == 0o600)
        directory = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `ports are free and given out once`() throws {
        let ports = try (0..<50).map { _ in try Loopback.freePort() }
        #expect(Set(ports).count == ports.count)
        #expect(!ports.contains(where: Loopback.isListening))
    }

    @Test func `a server that ends early is reported with its log`() async throws {
        let directory = try TemporaryDirectory()
        let server = try await BackgroundProcess(
            "mock", "sh", ["-c", "echo no port >&2; exit 3"], logPath: directory.file("log"))
        await #expect(throws: TestSupportError.exitedEarly(name: "mock", status: 3, log: "no port\n")) {
            try await server.waitUntilReady { false }
        }
    }

    @Test func `a server that ignores the request to end is killed, and its sessions too`() async throws {
        let directory = try TemporaryDirectory()
        let mark = "7" + String(UInt32.random(in: 100_000_000 ... .max))
        let server = try await BackgroundProcess(
            "mock", "sh", ["-c", "trap '' TERM; setsid sleep \(mark) & echo up; while :; do sleep 0.1; done"],
            logPath: directory.file("log"))
        try await server.waitUntilReady { try server.log == "up\n" && !processes(mentioning: "sleep\0" + mark).isEmpty }
        await server.stop(grace: .milliseconds(200))
        #expect(!server.isRunning)
        #expect(try processes(mentioning: mark).isEmpty)
    }

    @Test func `a server that nobody holds any more ends`() async throws {
        let directory = try TemporaryDirectory()
        let mark = "6" + String(UInt32.random(in: 100_000_000 ... .max))
        _ = try await BackgroundProcess("mock", "sleep", [mark], logPath: directory.file("log"))
        try await expectGone(mark)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGKILL])
    func `a killed or interrupted process leaves no server behind`(signal: Int32) async throws {
        let mark = "5" + String(UInt32.random(in: 100_000_000 ... .max))
        let directory = try TemporaryDirectory()
        let paths = directory.file("paths")
        await #expect(processExitsWith: .signal(signal)) {
            [signal = signal as Int32, mark = mark as String, paths = paths as String] in
            let directory = try TemporaryDirectory()
            try Data(directory.path.utf8).write(to: URL(fileURLWithPath: paths))
            let server = try await BackgroundProcess("mock", "sleep", [mark], logPath: directory.file("log"))
            try await server.waitUntilReady { try !processes(mentioning: "sleep\0" + mark).isEmpty }
            kill(getpid(), signal)
            try await Task.sleep(for: .seconds(120))
            await server.stop()
        }
        try await expectGone(mark)
        let left = try directory.text(of: "paths")
        #expect(FileManager.default.fileExists(atPath: left) == (signal == SIGKILL), "only SIGKILL may leave files")
        try? FileManager.default.removeItem(atPath: left)
    }

    @Test func `a process that just exits leaves no server and no directory behind`() async throws {
        let mark = "4" + String(UInt32.random(in: 100_000_000 ... .max))
        let directory = try TemporaryDirectory()
        let paths = directory.file("paths")
        await #expect(processExitsWith: .exitCode(3)) { [mark = mark as String, paths = paths as String] in
            let directory = try TemporaryDirectory()
            try Data(directory.path.utf8).write(to: URL(fileURLWithPath: paths))
            let server = try await BackgroundProcess("mock", "sleep", [mark], logPath: directory.file("log"))
            try await server.waitUntilReady { try !processes(mentioning: "sleep\0" + mark).isEmpty }
            withExtendedLifetime(server) { exit(3) }
        }
        try await expectGone(mark)
        #expect(!FileManager.default.fileExists(atPath: try directory.text(of: "paths")))
    }

    private func mode(of path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    private func expectGone(_ mark: String) async throws {
        try await eventually("still running: \((try? processes(mentioning: mark)) ?? [])", within: .seconds(60)) {
            try processes(mentioning: mark).isEmpty
        }
    }
}
