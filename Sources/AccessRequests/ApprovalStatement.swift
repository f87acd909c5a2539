// SPDX-License-Identifier: Apache-2.0

package import SSHCertificates

/// What an approver signs with an SSH key: the digest of the exact request, and what they give less than asked.
package struct ApprovalStatement: Sendable, Hashable {
    /// Of the SSHSIG, so that a signature made for anything else is none here.
    package static let namespace = "approval@mayfly"

    /// `sha256:…` of the request's document.
    package let digest: String
    package let approver: String
    /// Seconds.
    package let duration: Int?
    package let host: String?
    package let note: String?

    package init(digest: String, approver: String, duration: Int?, host: String?, note: String?) {
        (self.digest, self.approver, self.duration, self.host, self.note) = (digest, approver, duration, host, note)
    }

    /// One line for each member. INVARIANT: none of them can hold a line break; the note comes last.
    package var bytes: [UInt8] {
        let lines = [
            "mayfly approval 1", "request \(digest)", "approver \(approver)", "duration \(duration.map(String.init) ?? "-")",
            "host \(host ?? "-")", "note \(note ?? "-")",
        ]
        return Array(lines.map { $0 + "\n" }.joined().utf8)
    }

    /// The key that made `signature` over this; whose key it is, others know.
    package func verify(_ signature: String) throws(SSHSIGError) -> VerifiedSignature {
        let signature = try SSHSIG(armored: signature)
        return try signature.verify(message: bytes, namespace: Self.namespace, allowedKeys: [signature.publicKey])
    }
}

extension Approval {
    /// What the approver signed, if they did.
    package func statement(of request: AccessRequest) -> ApprovalStatement {
        ApprovalStatement(digest: request.digest, approver: by.user, duration: duration, host: host, note: note)
    }

    /// The proof that the approver signed exactly this request; nil where the approval is not signed.
    package func verifiedSignature(of request: AccessRequest) throws(SSHSIGError) -> VerifiedSignature? {
        guard let signature else { return nil }
        return try statement(of: request).verify(signature)
    }
}
