// SPDX-License-Identifier: Apache-2.0
import AuditLog
import FoundationEssentials
import Issuance

/// One row: the policy set that went live last.
struct LivePolicyTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    func replace(with record: PolicyRecord) throws {
        try connection.execute(
            """
            INSERT INTO live_policy (id, digest, git_commit, signer, loaded_at) VALUES (1, ?, ?, ?, ?) \
            ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, git_commit = excluded.git_commit, \
            signer = excluded.signer, loaded_at = excluded.loaded_at
            """,
            [
                .text(record.digest), .text(orNull: record.source?.commit), .text(orNull: record.source?.signer),
                .integer(record.loadedAt.seconds),
            ])
    }

    func record() throws -> PolicyRecord? {
        try connection.rows("SELECT digest, git_commit, signer, loaded_at FROM live_policy WHERE id = 1", []).first.map { row in
            let source = try row.textOrNull(1).map { AuditEvent.PolicySource(commit: $0, signer: try row.textOrNull(2) ?? "") }
            return PolicyRecord(
                digest: try row.text(0), source: source, loadedAt: Date(seconds: try row.integer(3)))
        }
    }
}
