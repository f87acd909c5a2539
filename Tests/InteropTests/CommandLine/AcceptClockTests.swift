// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// `mayfly ca accept-clock`, beside a service that stopped issuing because its last event is of the future.
@Suite(.timeLimit(.minutes(10)))
struct AcceptClockTests {
    @Test func `the service issues again, and everybody logs in anew`() async throws {
        try await Lab.open { lab in
            func accept(_ arguments: [String] = []) async throws -> ProcessResult {
                try await lab.ca.mayfly(["ca", "accept-clock", "--dir", lab.ca.caDirectory] + arguments)
            }
            func issue() async throws -> ProcessResult {
                try await lab.ca.mayfly([
                    "issue", "ssh", "--role", "lab-shell", "--out", lab.work.file("id-\(UInt32.random(in: .min ... .max))"),
                ])
            }
            #expect(try await accept().checked().stdout.contains("nothing to accept"))
            // What a clock that ran ahead leaves behind.
            let script = """
                import sqlite3, sys
                database = sqlite3.connect(sys.argv[1], timeout=20)
                with database:
                    database.execute("UPDATE log_head SET time = 1893456000250")
                """
            try await run("python3", ["-c", script, lab.ca.caDirectory + "/state/mayfly.sqlite"]).checked()
            let stopped = try await issue()
            #expect(stopped.status == 1)
            #expect(stopped.stderr.contains("before its last event of 2030-01-01T00:00:00Z"), "\(stopped.stderr)")
            #expect(stopped.stderr.contains("accept-clock"), "\(stopped.stderr)")

            let asked = try await accept()
            #expect(asked.status == 1)
            #expect(asked.stderr.contains("--last-event 2030-01-01T00:00:00Z"), "\(asked.stderr)")
            #expect(try await accept(["--last-event", "2030-01-01T00:00:01Z"]).status == 1)
            #expect(try await issue().status == 1)

            let accepted = try await accept(["--last-event", "2030-01-01T00:00:00Z"]).checked()
            #expect(accepted.stdout.contains("after 2030-01-01T00:00:00Z"), "\(accepted.stdout)")
            #expect(accepted.stderr.contains("restart the service"))
            let ended = try await issue()
            #expect(ended.stderr.contains("the session was ended"), "\(ended.stderr)")
            try await lab.ca.logIn()
            #expect(try await issue().succeeded)
            try await lab.mayfly(["audit", "verify"])
            let tail = try await lab.mayfly(["audit", "tail", "-n", "20"]).stdout
            #expect(tail.contains("set back from 2030-01-01T00:00:00Z"), "\(tail)")
            #expect(try await accept().stdout.contains("nothing to accept"))
        }
    }
}
