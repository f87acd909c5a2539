// SPDX-License-Identifier: Apache-2.0

package import AccessRequests
import SSHCertificates
package import ServiceAPI

/// Approves what somebody else asked for: looks at the very document, signs its digest, and sends that.
package struct AccessApprover: Sendable {
    private let client: APIClient
    private let approver: String

    package init(client: APIClient, approver: String) {
        (self.client, self.approver) = (client, approver)
    }

    /// Tries one key after the other, until the server knows one; without any key, the session alone.
    /// - Parameter duration: seconds; nil as asked.
    package func approve(
        _ request: AccessRequest, duration: Int?, host: String?, note: String?, signers: [LoginSigner]
    ) async throws -> AccessView {
        let statement = ApprovalStatement(
            digest: request.digest, approver: approver, duration: duration, host: host, note: note)
        var refusal: Problem?
        for signer in signers {
            let signature = try await signer.signature(over: statement.bytes, in: ApprovalStatement.namespace)
            do {
                return try await client.approveAccess(
                    request.id, .init(duration: duration, host: host, note: note, signature: signature))
            } catch ClientError.problem(let problem) where problem.kind == .signatureNeeded {
                refusal = problem
            }
        }
        if let refusal { throw ClientError.problem(refusal) }
        return try await client.approveAccess(request.id, .init(duration: duration, host: host, note: note))
    }
}
