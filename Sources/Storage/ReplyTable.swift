// SPDX-License-Identifier: Apache-2.0

import Issuance

/// First replies to idempotency keys: which certificate was issued, and what the reply said beside it.
struct ReplyTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    func insert(_ reply: NewReply, for certificate: CertificateRecord) throws {
        try connection.execute(
            """
            INSERT INTO replies (identity, idempotency_key, request_digest, issuer, serial, narrowed, expires_at) \
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(reply.identity), .text(reply.key.key), .blob(reply.key.requestDigest), .text(certificate.issuer),
                .text(certificate.serial), .text(reply.narrowed.joined(separator: "\n")), .integer(reply.expires.seconds),
            ])
    }

    func reply(to key: String, of identity: String) throws -> RecordedReply? {
        let rows = try connection.rows(
            "SELECT request_digest, issuer, serial, narrowed FROM replies WHERE identity = ? AND idempotency_key = ?",
            [.text(identity), .text(key)])
        guard let row = rows.first else { return nil }
        let issuer = try row.text(1)
        let serial = try row.text(2)
        guard let certificate = try CertificateTable(connection).certificate(issuer: issuer, serial: serial) else {
            throw StorageError.damaged("a reply without its certificate")
        }
        return RecordedReply(
            requestDigest: try row.blob(0), narrowed: try row.text(3).split(separator: "\n").map(String.init),
            certificate: certificate)
    }
}
