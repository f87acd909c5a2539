// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Policies
import ServiceAPI

/// One method of one path: who may call it, and what answers. The table of endpoints is the whole service; nothing is
/// served beside it.
struct Endpoint: Sendable {
    let method: HTTPRequest.Method
    /// One of `Paths`; `{id}` in it stands for one part between slashes.
    let path: String
    /// The query parameters it knows, each at most once; others are refused.
    var query: Set<String> = []
    let answer: Answer

    enum Answer: Sendable {
        case anyone(@Sendable (Call) async throws -> Reply)
        /// With a session, or as a workload with its token (RFC 6750 §2.1), which the reply uses up.
        case sessionOrToken(@Sendable (ProvenCall) async throws -> Reply)
        case session(@Sendable (AuthenticatedCall) async throws -> Reply)
        /// With the certificate of a machine, which no other endpoint takes.
        case machine(@Sendable (MachineCall) async throws -> Reply)
        case capability(Capability, @Sendable (AuthenticatedCall) async throws -> Reply)
    }
}

/// A success: a JSON document, or bytes of another type.
struct Reply: Sendable {
    let status: HTTPResponse.Status
    let contentType: String
    let body: ByteBuffer
    var headers: HTTPFields = [:]

    static func json(_ document: some Encodable & Sendable, status: HTTPResponse.Status = .ok) throws -> Reply {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        encoder.dateEncodingStrategy = .iso8601
        return Reply(
            status: status, contentType: "application/json", body: ByteBuffer(bytes: try encoder.encode(document)))
    }

    static let noContent = Reply(status: .noContent, contentType: "", body: ByteBuffer())
}
