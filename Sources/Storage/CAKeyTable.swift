// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance

/// The CA keys that were ever rotated. Public halves only.
struct CAKeyTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    func replace(with record: CAKeyRecord) throws {
        try connection.execute(
            """
            INSERT INTO ca_keys (fingerprint, purpose, public_key, certificate, state, prepared_at, changed_at) \
            VALUES (?, ?, ?, ?, ?, ?, ?) \
            ON CONFLICT (fingerprint) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at
            """,
            [
                .text(record.fingerprint), .text(record.purpose.rawValue), .blob(record.subjectPublicKeyInfo),
                record.certificate.map(SQLValue.blob) ?? .null, .text(record.state.rawValue),
                .integer(orNull: record.preparedAt?.seconds), .integer(orNull: record.changedAt?.seconds),
            ])
    }

    /// In the order in which they were prepared.
    func records() throws -> [CAKeyRecord] {
        try connection.rows(
            """
            SELECT fingerprint, purpose, public_key, certificate, state, prepared_at, changed_at FROM ca_keys \
            ORDER BY prepared_at IS NOT NULL, prepared_at, fingerprint
            """, []
        ).map { row in
            guard let purpose = CAKeyPurpose(rawValue: try row.text(1)), let state = CAKeyState(rawValue: try row.text(4))
            else {
                throw StorageError.damaged("a CA key of an unknown purpose or state")
            }
            return CAKeyRecord(
                purpose: purpose, fingerprint: try row.text(0), subjectPublicKeyInfo: try row.blob(2),
                certificate: try row.blobOrNull(3), state: state,
                preparedAt: try row.integerOrNull(5).map(Date.init(seconds:)),
                changedAt: try row.integerOrNull(6).map(Date.init(seconds:)))
        }
    }

    /// Whether certificates of this key may still be recorded. A key that is not here was never rotated.
    func isActive(_ fingerprint: String) throws -> Bool {
        let rows = try connection.rows("SELECT state FROM ca_keys WHERE fingerprint = ?", [.text(fingerprint)])
        return try rows.first.map { try $0.text(0) == CAKeyState.active.rawValue } ?? true
    }

    /// Whether those of a purpose are as somebody saw them. Before the first change there are none, and one that is active.
    func are(_ purpose: CAKeyPurpose, _ seen: [CAKeyRecord]) throws -> Bool {
        let stored = try records().filter { $0.purpose == purpose }
        if stored.isEmpty { return seen.count == 1 && seen[0].state == .active }
        func states(_ records: [CAKeyRecord]) -> [String: CAKeyState] {
            Dictionary(records.map { ($0.fingerprint, $0.state) }) { first, _ in first }
        }
        return states(stored) == states(seen)
    }
}
