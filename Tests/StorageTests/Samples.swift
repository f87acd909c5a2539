// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Foundation
import Issuance

enum Sample {
    static let now = Date(timeIntervalSince1970: 1_790_000_000)

    static func entry(at time: Date, message: String? = nil) throws -> CommitEntry {
        try CommitEntry(event: AuditEvent(time: AuditTime(time), type: .keyUsed, message: message))
    }

    static func certificate(serial: String, user: String = "ana") -> CertificateRecord {
        CertificateRecord(
            kind: .ssh, issuer: "SHA256:ca", serial: serial, provider: "local", user: user, role: "shell", rule: "everyone",
            host: "web1", names: ["ana@zone:web", "ana@host:web1"], publicKey: "SHA256:key", validAfter: now,
            validBefore: now.addingTimeInterval(600), issuedAt: now, policy: "sha256:00", certificate: [1, 2, 3])
    }

    static func session(serial: String) -> SessionRecord {
        SessionRecord(
            serial: serial, provider: "local", user: "ana", certificateDigest: [7], createdAt: now,
            expiresAt: now.addingTimeInterval(28_800))
    }
}

/// Removed with all its content when the test lets go of it.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/mayfly-store-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
