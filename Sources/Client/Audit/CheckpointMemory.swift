// SPDX-License-Identifier: Apache-2.0

package import AuditLog
import ServiceAPI

/// The audit log as it was last seen: the key that signs it, and the newest checkpoint that was found good. Whoever can
/// write the server's database cannot write this.
package struct CheckpointMemory: Sendable {
    private let state: ServerState

    package init(_ state: ServerState) {
        self.state = state
    }

    /// Remembers the log's key at the first time, and afterwards insists on it.
    package func pin(logKey vkey: String) throws(ClientError) {
        let found = try Self.verifier(vkey)
        if AtomicFile.exists(state.logKeyPath) {
            let remembered = try verifier()
            guard remembered == found else {
                throw .audit(.otherLogKey(remembered: remembered.vkey, found: found.vkey))
            }
        } else {
            try AtomicFile.write(found.vkey + "\n", to: state.logKeyPath)
        }
    }

    package func verifier() throws(ClientError) -> CheckpointVerifier {
        let text = try AtomicFile.readText(state.logKeyPath, limit: 4096)
        return try Self.verifier(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }

    /// `nil` before the first.
    package func last() throws(ClientError) -> Checkpoint? {
        guard AtomicFile.exists(state.checkpointPath) else { return nil }
        return try verified(try AtomicFile.readText(state.checkpointPath, limit: SignedCheckpoint.maximumBytes))
    }

    /// What the log's key signed.
    package func verified(_ text: String) throws(ClientError) -> Checkpoint {
        let verifier = try verifier()
        do throws(CheckpointError) {
            return try verifier.verified(try SignedCheckpoint(parsing: text))
        } catch {
            throw .audit(.checkpoint(error))
        }
    }

    /// That the log of `checkpoint` begins with the one last seen.
    /// - Parameter proof: RFC 6962 §2.1.2, base64.
    package func check(_ checkpoint: Checkpoint, proof: [String]) throws(ClientError) {
        guard let last = try last() else { return }
        guard checkpoint.size >= last.size else {
            throw .audit(.truncated(remembered: last.size, found: checkpoint.size))
        }
        do {
            try checkpoint.head.verifyConsistency(
                with: last.head, proof: try proof.map { try MerkleHash(base64: $0) })
        } catch {
            throw .audit(.rewritten(size: last.size, checkpointPath: state.checkpointPath))
        }
    }

    /// - Parameter text: a checkpoint that passed `verified` and `check`.
    package func remember(_ text: String) throws(ClientError) {
        try AtomicFile.write(text, to: state.checkpointPath)
    }

    private static func verifier(_ vkey: String) throws(ClientError) -> CheckpointVerifier {
        do throws(CheckpointError) {
            return try CheckpointVerifier(vkey: vkey)
        } catch {
            throw .audit(.logKey(error))
        }
    }
}
