// SPDX-License-Identifier: Apache-2.0

package import AuditLog
import ServiceAPI

/// Holds the server to its audit log. What fails leaves the remembered checkpoint as it was.
package struct AuditCheck: Sendable {
    private let client: APIClient
    private let memory: CheckpointMemory

    /// Entries in one reply: even of the largest kind they stay below the limit of a reply.
    private static let pageSize = 100

    package init(client: APIClient, memory: CheckpointMemory) {
        self.client = client
        self.memory = memory
    }

    /// That the log has all it had when last seen, by a proof of a few hashes.
    package func seenBefore() async throws -> Checkpoint {
        let (text, checkpoint) = try await consistentCheckpoint()
        try memory.remember(text)
        return checkpoint
    }

    /// The same, and that the entries themselves are what the checkpoint was signed over: all of them are read.
    /// - Parameter each: is given every entry before it is known that they are, and must not act on it until this returns.
    /// - Returns: also the signed note.
    package func everything(
        progress: (UInt64, UInt64) -> Void, each: ([String]) async throws -> Void = { _ in }
    ) async throws -> (checkpoint: Checkpoint, note: String) {
        let (text, checkpoint) = try await consistentCheckpoint()
        do {
            var audit = try TreeAudit(claimed: checkpoint.head, remembered: try memory.last()?.head)
            while audit.next < checkpoint.size {
                let page = try await client.auditEvents(
                    from: audit.next, limit: Int(min(UInt64(Self.pageSize), checkpoint.size - audit.next)))
                guard !page.leaves.isEmpty else { break }
                for leaf in page.leaves { try audit.add(Array(leaf.utf8)) }
                try await each(page.leaves)
                progress(audit.next, checkpoint.size)
            }
            try audit.finish()
        } catch let error as ProofError {
            throw ClientError.audit(.entries(error))
        }
        try memory.remember(text)
        return (checkpoint, text)
    }

    private func consistentCheckpoint() async throws -> (text: String, Checkpoint) {
        let text = try await client.auditCheckpoint().checkpoint
        let checkpoint = try memory.verified(text)
        var proof: [String] = []
        if let last = try memory.last(), last.size > 0, last.size < checkpoint.size {
            proof = try await client.auditConsistency(from: last.size, to: checkpoint.size).proof
        }
        try memory.check(checkpoint, proof: proof)
        return (text, checkpoint)
    }
}
