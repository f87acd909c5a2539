// SPDX-License-Identifier: Apache-2.0

import AuditLog
import FoundationEssentials
import HTTPTypes
import Issuance
import Policies
import ServiceAPI

/// The audit log, and what anybody with a session needs to hold the server to it.
struct AuditRoutes: Sendable {
    let log: LogReader

    var endpoints: [Endpoint] {
        [
            Endpoint(method: .get, path: Paths.auditEvents, query: ["from", "limit"], answer: .capability(.auditRead, events)),
            Endpoint(method: .get, path: Paths.auditCheckpoint, answer: .session(checkpoint)),
            Endpoint(method: .get, path: Paths.auditConsistency, query: ["from", "to"], answer: .session(consistency)),
        ]
    }

    private func events(_ call: AuthenticatedCall) async throws -> Reply {
        let from = try call.call.unsigned("from") ?? 0
        let limit = min(try call.call.unsigned("limit") ?? 1000, 1000)
        let size = try await log.size
        let leaves = try await log.leaves(from: from, limit: Int(limit))
        return try .json(AuditPage(from: from, leaves: leaves.map { String(decoding: $0, as: UTF8.self) }, size: size))
    }

    private func checkpoint(_ call: AuthenticatedCall) async throws -> Reply {
        try .json(AuditCheckpoint(checkpoint: try await log.checkpoint()))
    }

    private func consistency(_ call: AuthenticatedCall) async throws -> Reply {
        guard let from = try call.call.unsigned("from"), let to = try call.call.unsigned("to") else {
            throw CallError.malformed("`from` and `to` are needed")
        }
        guard from <= to, to <= (try await log.size) else {
            throw CallError.invalid("`from` and `to` are not sizes this log has had")
        }
        let proof = try await log.consistencyProof(from: from, to: to)
        return try .json(AuditConsistency(from: from, to: to, proof: proof.map { Data($0.bytes).base64EncodedString() }))
    }
}
