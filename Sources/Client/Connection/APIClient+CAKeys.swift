// SPDX-License-Identifier: Apache-2.0

package import ServiceAPI

extension APIClient {
    package func caStatus() async throws -> CAStatus { try await get(Paths.caKeys) }

    package func requestIssuingKey() async throws -> CAKeyRequestReply {
        try await post(Paths.caKeyRequests, EmptyBody())
    }

    /// Not repeated by itself: a step that was taken is refused the second time.
    package func changeCAKey(_ request: CAKeyChangeRequest) async throws -> CAStatus {
        try await post(Paths.caKeyChanges, request)
    }
}
