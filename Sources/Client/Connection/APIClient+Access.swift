// SPDX-License-Identifier: Apache-2.0

import AccessRequests
package import ServiceAPI

/// Asking for access, deciding about it, and giving it back.
extension APIClient {
    package func requestAccess(_ request: AccessRequestBody) async throws -> AccessView {
        try await post(Paths.accessRequests, request)
    }

    /// The newest, at most `limit`.
    package func accessRequests(onlyOwn: Bool, onlyOpen: Bool, limit: Int) async throws -> [AccessView] {
        try await list(Paths.accessRequests, onlyOwn: onlyOwn, onlyOpen: onlyOpen, limit: limit)
    }

    /// Of those requests the ones that were approved.
    package func grants(onlyOwn: Bool, onlyOpen: Bool, limit: Int) async throws -> [AccessView] {
        try await list(Paths.grants, onlyOwn: onlyOwn, onlyOpen: onlyOpen, limit: limit)
    }

    /// - Parameter wait: seconds, 20 at most, that the server waits for the decision if there is none.
    package func access(_ id: String, wait: Int = 0) async throws -> AccessDetail {
        try await get(try path(Paths.accessRequest, id), ["wait": wait > 0 ? "\(wait)" : nil])
    }

    package func approveAccess(_ id: String, _ approval: AccessApprovalBody) async throws -> AccessView {
        try await post(try path(Paths.accessApprovals, id), approval)
    }

    package func denyAccess(_ id: String, note: String) async throws -> AccessView {
        try await post(try path(Paths.accessDenials, id), AccessNoteBody(note: note))
    }

    package func cancelAccess(_ id: String) async throws -> AccessView {
        try await post(try path(Paths.accessCancellation, id), EmptyBody())
    }

    package func reviewAccess(_ id: String, _ review: AccessReviewBody) async throws -> AccessView {
        try await post(try path(Paths.accessReview, id), review)
    }

    package func endGrant(_ id: String) async throws -> AccessDetail {
        try await post(try path(Paths.grantEnd, id), EmptyBody())
    }

    private func list(_ path: String, onlyOwn: Bool, onlyOpen: Bool, limit: Int) async throws -> [AccessView] {
        try await pages(of: "the list", \AccessList.requests, \.next, >, limit: limit) { before in
            try await get(
                path,
                [
                    "mine": onlyOwn ? "true" : nil, "open": onlyOpen ? "true" : nil, "before": before.map(String.init),
                ])
        }
    }

    private func path(_ template: String, _ id: String) throws(ClientError) -> String {
        guard AccessRequest.isID(id) else { throw .invalidAccessID(id) }
        return template.replacing("{id}", with: id)
    }
}
