// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RunTests {
    @Test func `output far larger than a pipe is returned whole`() async throws {
        let script = "head -c 3000000 /dev/zero; head -c 2000000 /dev/zero >&2; exit 7"
        let result = try await run("sh", ["-c", script])
        #expect(result.outputBytes.count == 3_000_000)
        #expect(result.errorBytes.count == 2_000_000)
        #expect(result.status == 7)
        #expect(throws: TestSupportError.self) { try result.checked() }
    }

    @Test func `arguments reach the program unchanged, whatever a shell would make of them`() async throws {
        let odd = ["$HOME", "a b", "", "'\"`;&|", "ä\n"]
        let result = try await run("printf", ["%s|"] + odd)
        #expect(result.stdout == odd.map { $0 + "|" }.joined())
    }

    @Test func `input and directory are the program's`() async throws {
        let directory = try TemporaryDirectory()
        let result = try await run("sh", ["-c", "cat; pwd -P"], directory: directory.path, input: "line\n")
        #expect(result.stdout.hasPrefix("line\n"))
        #expect(result.stdout.hasSuffix(directory.path + "\n"))
    }

    @Test func `nothing that would change what programs do is inherited`() async throws {
        let result = try await run("env", environment: ["MAYFLY_TEST": "1"])
        let names = Set(result.stdout.split(separator: "\n").compactMap { $0.split(separator: "=").first })
        #expect(names.contains("MAYFLY_TEST"))
        #expect(names.isDisjoint(with: ["SSH_AUTH_SOCK", "HTTPS_PROXY", "PGHOST", "OPENSSL_CONF", "LANG"]))
    }

    @Test func `a program killed by a signal has the status a shell would show`() async throws {
        #expect(try await run("sh", ["-c", "kill -9 $$"]).status == 137)
    }

    @Test func `a missing program is named`() async throws {
        await #expect(throws: TestSupportError.programMissing("no-such-program")) { try await run("no-such-program") }
    }

    @Test func `a program past its time is killed with all it started`() async throws {
        let mark = "9" + String(UInt32.random(in: 100_000_000 ... .max))
        await #expect(throws: TestSupportError.self) {
            try await run("sh", ["-c", "setsid sleep \(mark) & sleep \(mark)"], timeout: .milliseconds(400))
        }
        #expect(try processes(mentioning: mark).isEmpty)
    }

    @Test func `a cancelled task takes its program with it`() async throws {
        let mark = "8" + String(UInt32.random(in: 100_000_000 ... .max))
        let task = Task { try await run("sleep", [mark]) }
        while try processes(mentioning: mark).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try processes(mentioning: mark).isEmpty)
    }
}

/// The living processes with `mark` in their command line.
func processes(mentioning mark: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }.filter {
        String(decoding: FileManager.default.contents(atPath: "/proc/\($0)/cmdline") ?? Data(), as: UTF8.self).contains(mark)
    }
}
