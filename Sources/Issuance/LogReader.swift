// SPDX-License-Identifier: Apache-2.0

package import AuditLog

/// The audit log for those who read it: leaves, proofs, and checkpoints signed by the log's own key.
package struct LogReader: Sendable {
    package let verifier: CheckpointVerifier
    private let store: any Store
    private let signer: any Signer

    /// - Parameter name: of the installation; the log is called `mayfly.log/` and this.
    package init(name: String, signer: any Signer, store: any Store) throws {
        verifier = try CheckpointVerifier(
            name: Self.origin(of: name), subjectPublicKeyInfo: signer.subjectPublicKeyInfo)
        self.store = store
        self.signer = signer
    }

    /// The origin line of the log's checkpoints: no space or plus, as signed notes want it.
    package static func origin(of name: String) -> String {
        let word = name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                byte
            default: UInt8(ascii: "-")
            }
        }
        return "mayfly-log/" + String(decoding: word, as: UTF8.self)
    }

    package var size: UInt64 {
        get async throws { try await store.logFrontier().size }
    }

    /// The signed note over the log as it is now.
    package func checkpoint() async throws -> String {
        let checkpoint = try Checkpoint(origin: verifier.name, head: try await store.logFrontier().head)
        let signature = try await signer.sign(checkpoint.signingBody, with: .ed25519)
        return try SignedCheckpoint(checkpoint, signature: signature, by: verifier).text
    }

    package func leaves(from: UInt64, limit: Int) async throws -> [[UInt8]] {
        try await store.logLeaves(from: from, limit: limit)
    }

    package func consistencyProof(from: UInt64, to: UInt64) async throws -> [MerkleHash] {
        try await store.consistencyProof(from: from, to: to)
    }
}
