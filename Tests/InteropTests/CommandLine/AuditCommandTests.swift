// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// `mayfly audit verify` notices whatever somebody does to the database who can write it.
@Suite(.timeLimit(.minutes(10)))
struct AuditCommandTests {
    @Test func `a log that only grew is verified`() async throws {
        try await Lab.open { lab in
            let first = try await lab.mayfly(["audit", "verify"]).stdout
            #expect(first.contains("entries of mayfly-log/Example are what its key signed"))
            _ = try await lab.x509("lab-web")
            let second = try await lab.mayfly(["audit", "verify"]).stdout
            #expect(second.contains("and begin with the"), "\(second)")
            #expect(try await lab.mayfly(["audit", "tail", "-n", "1"]).stdout.contains("lab-web"))
        }
    }

    @Test func `an entry that was changed is noticed`() async throws {
        try await Lab.open { lab in
            try await lab.mayfly(["audit", "verify"])
            try await lab.sql("UPDATE log_leaves SET leaf = CAST(replace(leaf, 'ada@', 'eva@') AS BLOB) WHERE number = 0")
            #expect(try await lab.mayfly(["audit", "tail", "-n", "1000"]).stdout.contains("eva@example.com"))
            let result = try await lab.ca.mayfly(["audit", "verify"])
            #expect(result.status == 1)
            #expect(result.stderr.contains("the audit log does not match its checkpoint"), "\(result.stderr)")
            #expect(result.stderr.contains("do not trust this log"))
        }
    }

    /// The server signs what is in the database: the new log is complete and signed, and yet not the one that was.
    @Test func `a log that was made anew is noticed, shorter or longer than before`() async throws {
        try await Lab.open { lab in
            try await lab.mayfly(["audit", "verify"])
            try await lab.sql("DELETE FROM log_leaves; DELETE FROM log_tiles; DELETE FROM log_head")
            _ = try await lab.x509("lab-web")
            let shorter = try await lab.ca.mayfly(["audit", "verify"])
            #expect(shorter.status == 1)
            #expect(shorter.stderr.contains("the audit log was cut off"), "\(shorter.stderr)")

            for _ in 0..<8 { _ = try await lab.x509("lab-web") }
            let longer = try await lab.ca.mayfly(["audit", "verify"])
            #expect(longer.status == 1)
            #expect(longer.stderr.contains("the audit log was rewritten"), "\(longer.stderr)")
            let login = try await lab.ca.mayfly([
                "login", lab.ca.url, "--user", MayflyCA.administrator, "--ssh-key", lab.ca.administratorKey,
            ])
            #expect(login.status == 1, "a login looks too")
            #expect(login.stderr.contains("the audit log was rewritten"), "\(login.stderr)")
        }
    }
}

extension Lab {
    /// Writes to the database past the running server.
    fileprivate func sql(_ statements: String) async throws {
        try await run("sqlite3", ["-cmd", ".timeout 5000", ca.caDirectory + "/state/mayfly.sqlite", statements]).checked()
    }
}
