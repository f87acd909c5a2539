// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance

struct EnrolmentTokenTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    func insert(_ token: EnrolmentToken) throws {
        try connection.execute(
            """
            INSERT INTO enrolment_tokens (digest, kind, role, hosts, created_by, created_at, expires_at) \
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .blob(token.digest), .text(token.kind.rawValue), .text(token.role),
                .text(token.names.joined(separator: "\n")), .text(token.createdBy), .integer(token.createdAt.seconds),
                .integer(token.expiresAt.seconds),
            ])
    }

    func token(digest: [UInt8]) throws -> EnrolmentToken? { try tokens("digest = ?", [.blob(digest)]).first }

    func token(id: String) throws -> EnrolmentToken? {
        guard let start = Self.start(ofID: id) else { return nil }
        return try tokens("substr(digest, 1, 8) = ?", [.blob(start)]).first { $0.id == id }
    }

    func openTokens(at time: Date, after id: String?, limit: Int) throws -> [EnrolmentToken] {
        try tokens(
            "used_issuer IS NULL AND expires_at > ? AND substr(digest, 1, 8) > ? ORDER BY digest LIMIT ?",
            [.integer(time.seconds), .blob(id.flatMap(Self.start) ?? []), .integer(Int64(limit))])
    }

    /// The bytes that an id is made of.
    private static func start(ofID id: String) -> [UInt8]? {
        UInt64(id, radix: 16).map { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) } }
    }

    private func tokens(_ condition: String, _ values: [SQLValue]) throws -> [EnrolmentToken] {
        try connection.rows(
            """
            SELECT role, hosts, created_by, created_at, expires_at, used_issuer, used_serial, kind, digest \
            FROM enrolment_tokens WHERE \(condition)
            """, values
        ).map { row in
            let issuer = try row.textOrNull(5)
            guard let kind = EnrolmentToken.Kind(rawValue: try row.text(7)) else {
                throw StorageError.damaged("an enrolment token of an unknown kind")
            }
            return EnrolmentToken(
                digest: try row.blob(8), kind: kind, role: try row.text(0),
                names: try row.text(1).split(separator: "\n").map(String.init), createdBy: try row.text(2),
                createdAt: Date(seconds: try row.integer(3)), expiresAt: Date(seconds: try row.integer(4)),
                use: try issuer.map { CertificateReference(issuer: $0, serial: try row.text(6)) })
        }
    }

    func delete(digest: [UInt8]) throws {
        try connection.execute("DELETE FROM enrolment_tokens WHERE digest = ?", [.blob(digest)])
    }

    func record(_ use: UsedToken) throws {
        try connection.execute(
            "UPDATE enrolment_tokens SET used_issuer = ?, used_serial = ? WHERE digest = ?",
            [.text(use.certificate.issuer), .text(use.certificate.serial), .blob(use.digest)])
    }
}
