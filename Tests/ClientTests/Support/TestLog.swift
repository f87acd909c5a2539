// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Crypto
import Foundation

/// An audit log in memory, with its key.
struct TestLog {
    let leaves: [String]
    private let key: Curve25519.Signing.PrivateKey

    /// - Parameter seed: one byte, so that two logs have one key when they should.
    init(_ leaves: [String], seed: UInt8 = 1) throws {
        self.leaves = leaves
        key = try .init(rawRepresentation: [UInt8](repeating: seed, count: 32))
    }

    var verifier: CheckpointVerifier {
        get throws { try CheckpointVerifier(name: "mayfly-log/test", publicKey: Array(key.publicKey.rawRepresentation)) }
    }

    /// The signed note over the first `size` leaves.
    func checkpoint(size: Int? = nil) throws -> String {
        var frontier = MerkleFrontier()
        for leaf in leaves.prefix(size ?? leaves.count) { frontier.append(.leaf(Array(leaf.utf8))) }
        let checkpoint = try Checkpoint(origin: try verifier.name, head: frontier.head)
        return try SignedCheckpoint(
            checkpoint, signature: Array(try key.signature(for: checkpoint.signingBody)), by: try verifier
        ).text
    }

    func proof(from old: Int, to new: Int) throws -> [String] {
        try Hashes(leaves: leaves.map { .leaf(Array($0.utf8)) }).consistencyProof(from: UInt64(old), to: UInt64(new))
            .map(\.base64)
    }

    private struct Hashes: TileReader {
        let leaves: [MerkleHash]

        func hashes(tileLevel: Int, range: Range<UInt64>) -> [MerkleHash] {
            tileLevel == 0 ? Array(leaves[Int(range.lowerBound)..<Int(range.upperBound)]) : []
        }
    }
}
