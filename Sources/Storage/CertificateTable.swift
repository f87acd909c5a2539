// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Issuance

struct CertificateTable {
    private let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    private static let columns = """
        number, kind, issuer, serial, provider, user_name, role, rule, host, names, public_key, valid_after, valid_before, \
        issued_at, policy, certificate, revoked_at, revocation_reason, revocation_cause, grant_id, enrolment
        """

    func insert(_ record: CertificateRecord) throws {
        try connection.execute(
            """
            INSERT INTO certificates (kind, issuer, serial, provider, user_name, role, rule, host, names, public_key, \
            valid_after, valid_before, issued_at, policy, certificate, grant_id, enrolment) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.kind.rawValue), .text(record.issuer), .text(record.serial), .text(record.provider),
                .text(orNull: record.user), .text(record.role), .text(record.rule), .text(orNull: record.host),
                .text(record.names.joined(separator: "\n")), .text(record.publicKey), .integer(record.validAfter.seconds),
                .integer(record.validBefore.seconds), .integer(record.issuedAt.seconds), .text(record.policy),
                .blob(record.certificate), .text(orNull: record.grant), .text(orNull: record.enrolment),
            ])
    }

    func certificate(issuer: String, serial: String) throws -> CertificateRecord? {
        try connection.rows(
            "SELECT \(Self.columns) FROM certificates WHERE serial = ? AND issuer = ?", [.text(serial), .text(issuer)]
        ).first.map(Self.record)
    }

    /// Newest first.
    func certificates(matching filter: CertificateFilter) throws -> [CertificateRecord] {
        var conditions = ["1 = 1"]
        var arguments: [SQLValue] = []
        func require(_ condition: String, _ value: SQLValue?) {
            guard let value else { return }
            conditions.append(condition)
            arguments.append(value)
        }
        require("kind = ?", filter.kind.map { .text($0.rawValue) })
        require("serial = ?", filter.serial.map(SQLValue.text))
        require("user_name = ?", filter.user.map(SQLValue.text))
        require("role = ?", filter.role.map(SQLValue.text))
        require("host = ?", filter.host.map(SQLValue.text))
        require("rule = ?", filter.rule.map(SQLValue.text))
        require("policy = ?", filter.policy.map(SQLValue.text))
        require("issued_at >= ?", filter.issuedFrom.map { .integer($0.seconds) })
        require("issued_at < ?", filter.issuedBefore.map { .integer($0.seconds) })
        require("grant_id = ?", filter.grant.map(SQLValue.text))
        require("enrolment = ?", filter.enrolment.map(SQLValue.text))
        require("valid_before > ? AND revoked_at IS NULL", filter.activeAt.map { .integer($0.seconds) })
        require(
            "valid_before > ? AND (revoked_at IS NULL OR revocation_cause = '\(RevocationCause.certificateHold.rawValue)')",
            filter.revocableAt.map { .integer($0.seconds) })
        require("number < ?", filter.before.map { .integer(Int64($0)) })
        arguments.append(.integer(Int64(filter.limit)))
        return try connection.rows(
            """
            SELECT \(Self.columns) FROM certificates WHERE \(conditions.joined(separator: " AND ")) \
            ORDER BY number DESC LIMIT ?
            """, arguments
        ).map(Self.record)
    }

    /// Held ones are revoked too.
    func hasRevoked(ofEnrolment enrolment: String) throws -> Bool {
        try !connection.rows(
            "SELECT 1 FROM certificates WHERE enrolment = ? AND revoked_at IS NOT NULL LIMIT 1", [.text(enrolment)]
        ).isEmpty
    }

    /// `SHA256:…`; nil where the enrolment has no certificate.
    func newestKey(ofEnrolment enrolment: String) throws -> String? {
        try connection.rows(
            "SELECT public_key FROM certificates WHERE enrolment = ? ORDER BY number DESC LIMIT 1", [.text(enrolment)]
        ).first?.text(0)
    }

    func machines(after enrolment: String?, endingAfter time: Date, limit: Int) throws -> [MachineRecord] {
        try connection.rows(
            """
            SELECT \(Self.columns), \
            (SELECT first.issued_at FROM certificates AS first WHERE first.enrolment = certificates.enrolment \
            ORDER BY first.number LIMIT 1), \
            EXISTS (SELECT 1 FROM certificates AS ended WHERE ended.enrolment = certificates.enrolment \
            AND ended.revoked_at IS NOT NULL) \
            FROM certificates \
            WHERE number IN (SELECT MAX(number) FROM certificates WHERE enrolment > ? GROUP BY enrolment) \
            AND valid_before > ? ORDER BY enrolment LIMIT ?
            """, [.text(enrolment ?? ""), .integer(time.seconds), .integer(Int64(limit))]
        ).map { row in
            MachineRecord(
                newest: try Self.record(row), enrolment: try row.text(20), enrolledAt: Date(seconds: try row.integer(21)),
                isEnded: try row.integer(22) != 0)
        }
    }

    func countActive(at time: Date) throws -> Int {
        let rows = try connection.rows(
            "SELECT COUNT(*) FROM certificates WHERE valid_before > ? AND revoked_at IS NULL", [.integer(time.seconds)])
        return Int(try rows.first?.integer(0) ?? 0)
    }

    /// When the last certificate of a CA ends that ends after `time` and counts until then. The CA's own answers for
    /// the status of the others and renews that certificate as long as there are others, so it is left out.
    func lastEnd(ofCertificatesBy issuer: String, after time: Date) throws -> Date? {
        try connection.rows(
            """
            SELECT valid_before FROM certificates WHERE valid_before > ? AND issuer = ? AND kind <> ? \
            AND (revoked_at IS NULL OR revocation_cause = ?) ORDER BY valid_before DESC LIMIT 1
            """,
            [
                .integer(time.seconds), .text(issuer), .text(CertificateRecord.Kind.server.rawValue),
                .text(RevocationCause.certificateHold.rawValue),
            ]
        ).first.map { Date(seconds: try $0.integer(0)) }
    }

    /// - Parameter event: the leaf of the log that says so.
    func revoke(_ revocation: Revocation, event: UInt64) throws {
        try connection.execute(
            """
            UPDATE certificates SET revoked_at = ?, revocation_cause = ?, revocation_reason = ?, revocation_event = ? \
            WHERE serial = ? AND issuer = ?
            """,
            [
                .integer(revocation.time.seconds), .text(revocation.cause.rawValue), .text(revocation.reason),
                .integer(Int64(event)), .text(revocation.serial), .text(revocation.issuer),
            ])
    }

    func release(_ release: Release, event: UInt64) throws {
        try connection.execute(
            """
            UPDATE certificates SET revoked_at = NULL, revocation_cause = NULL, revocation_reason = NULL, \
            revocation_event = ? WHERE serial = ? AND issuer = ?
            """, [.integer(Int64(event)), .text(release.serial), .text(release.issuer)])
    }

    func revocationChanges(after event: Int64, endingAfter time: Date) throws -> [RevocationChange] {
        try connection.rows(
            """
            SELECT revocation_event, kind, issuer, serial, valid_before, revoked_at, revocation_cause FROM certificates \
            WHERE revocation_event > ? AND valid_before > ? ORDER BY revocation_event
            """, [.integer(event), .integer(time.seconds)]
        ).map { row in
            RevocationChange(
                event: try row.integer(0), kind: try Self.kind(row.text(1)), issuer: try row.text(2),
                serial: try row.text(3), validBefore: Date(seconds: try row.integer(4)),
                revokedAt: try row.integerOrNull(5).map(Date.init(seconds:)),
                cause: try Self.cause(row.textOrNull(6)) ?? .unspecified)
        }
    }

    /// SSH certificates that these events of the log revoked.
    func revokedSSH(by events: ClosedRange<Int64>) throws -> (count: Int, lastExpiry: Date?) {
        let rows = try connection.rows(
            """
            SELECT COUNT(*), MAX(valid_before) FROM certificates WHERE revocation_event BETWEEN ? AND ? \
            AND revoked_at IS NOT NULL AND kind IN (?, ?)
            """,
            [
                .integer(events.lowerBound), .integer(events.upperBound), .text(CertificateRecord.Kind.ssh.rawValue),
                .text(CertificateRecord.Kind.sshHost.rawValue),
            ])
        guard let row = rows.first else { return (0, nil) }
        return (Int(try row.integer(0)), try row.integerOrNull(1).map(Date.init(seconds:)))
    }

    private static func kind(_ text: String) throws -> CertificateRecord.Kind {
        guard let kind = CertificateRecord.Kind(rawValue: text) else {
            throw StorageError.damaged("a certificate of an unknown kind")
        }
        return kind
    }

    private static func cause(_ text: String?) throws -> RevocationCause? {
        guard let text else { return nil }
        guard let cause = RevocationCause(rawValue: text) else {
            throw StorageError.damaged("a revocation of an unknown cause")
        }
        return cause
    }

    private static func record(_ row: SQLRow) throws -> CertificateRecord {
        let names = try row.text(9)
        return CertificateRecord(
            kind: try kind(row.text(1)), issuer: try row.text(2), serial: try row.text(3), provider: try row.text(4),
            user: try row.textOrNull(5), role: try row.text(6), rule: try row.text(7), host: try row.textOrNull(8),
            names: names.isEmpty ? [] : names.split(separator: "\n").map(String.init), publicKey: try row.text(10),
            validAfter: Date(seconds: try row.integer(11)), validBefore: Date(seconds: try row.integer(12)),
            issuedAt: Date(seconds: try row.integer(13)), policy: try row.text(14), certificate: try row.blob(15),
            revokedAt: try row.integerOrNull(16).map(Date.init(seconds:)), revocationReason: try row.textOrNull(17),
            revocationCause: try cause(row.textOrNull(18)), grant: try row.textOrNull(19),
            enrolment: try row.textOrNull(20), number: Int(try row.integer(0)))
    }
}
