// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AuditLog

@Suite struct ProofTests {
    @Test func `every consistency proof up to 70 leaves is the one of the definition and verifies`() throws {
        let log = try MemoryLog(size: 70)
        let leaves = MemoryLog.leaves(70)
        for new in 0...70 {
            for old in 0...new {
                let proof = try log.consistencyProof(from: UInt64(old), to: UInt64(new))
                if old > 0, old < new { #expect(proof == ReferenceTree.proof(old, leaves.prefix(new))) }
                try log.heads[new].verifyConsistency(with: log.heads[old], proof: proof)
            }
        }
    }

    @Test func `every inclusion proof up to 70 leaves is the one of the definition and verifies`() throws {
        let log = try MemoryLog(size: 70)
        let leaves = MemoryLog.leaves(70)
        for size in 1...70 {
            for index in 0..<size {
                let proof = try log.inclusionProof(index: UInt64(index), size: UInt64(size))
                #expect(proof == ReferenceTree.path(index, leaves.prefix(size)))
                try log.heads[size].verifyInclusion(of: leaves[index], at: UInt64(index), proof: proof)
            }
        }
    }

    @Test func `proofs in a log of three tile levels verify`() throws {
        let size = 66_500
        let log = try MemoryLog(size: size)
        #expect(log.levels.map(\.count) == [66_500, 259, 1])
        let sizes = [1, 255, 256, 257, 511, 4_096, 10_001, 65_535, 65_536, 65_537, 65_792, 66_499, size]
        for new in sizes {
            for old in sizes where old <= new {
                let proof = try log.consistencyProof(from: UInt64(old), to: UInt64(new))
                try log.heads[new].verifyConsistency(with: log.heads[old], proof: proof)
                let inclusion = try log.inclusionProof(index: UInt64(old - 1), size: UInt64(new))
                try log.heads[new].verifyInclusion(of: log.levels[0][old - 1], at: UInt64(old - 1), proof: inclusion)
            }
            #expect(try log.root(size: UInt64(new)) == log.heads[new].root)
        }
    }

    @Test(arguments: [(1, 2), (1, 8), (2, 5), (3, 7), (4, 7), (6, 8), (8, 70), (37, 70), (64, 70), (69, 70)])
    func `a consistency proof with anything changed is refused`(old: Int, new: Int) throws {
        let log = try MemoryLog(size: new)
        let proof = try log.consistencyProof(from: UInt64(old), to: UInt64(new))
        for mutant in mutants(of: proof) {
            #expect(throws: ProofError.self) {
                try log.heads[new].verifyConsistency(with: log.heads[old], proof: mutant)
            }
        }
        for wrong in [log.heads[old - 1].root, log.heads[new].root] {
            let other = TreeHead(size: UInt64(old), root: wrong)
            #expect(throws: ProofError.self) { try log.heads[new].verifyConsistency(with: other, proof: proof) }
        }
        let forked = TreeHead(size: UInt64(new), root: log.heads[old].root)
        #expect(throws: ProofError.self) { try forked.verifyConsistency(with: log.heads[old], proof: proof) }
    }

    @Test(arguments: [(0, 1), (0, 2), (1, 5), (2, 3), (5, 8), (0, 70), (36, 70), (63, 70), (69, 70)])
    func `an inclusion proof with anything changed is refused`(index: Int, size: Int) throws {
        let log = try MemoryLog(size: size)
        let leaf = log.levels[0][index]
        let proof = try log.inclusionProof(index: UInt64(index), size: UInt64(size))
        for mutant in mutants(of: proof) {
            #expect(throws: ProofError.self) {
                try log.heads[size].verifyInclusion(of: leaf, at: UInt64(index), proof: mutant)
            }
        }
        for other in 0..<size where other != index {
            #expect(throws: ProofError.self) {
                try log.heads[size].verifyInclusion(of: leaf, at: UInt64(other), proof: proof)
            }
        }
        #expect(throws: ProofError.self) {
            try log.heads[size].verifyInclusion(of: .leaf([0xff]), at: UInt64(index), proof: proof)
        }
    }

    @Test func `a rewritten entry shows in every later consistency proof`() throws {
        let leaves = MemoryLog.leaves(300)
        let honest = try MemoryLog(leafHashes: leaves)
        var rewritten = leaves
        rewritten[17] = .leaf([0xbb])
        let forged = try MemoryLog(leafHashes: rewritten)
        for old in [18, 100, 256, 299] {
            let proof = try forged.consistencyProof(from: UInt64(old), to: 300)
            #expect(throws: ProofError.inconsistent(old: UInt64(old), new: 300)) {
                try forged.heads[300].verifyConsistency(with: honest.heads[old], proof: proof)
            }
        }
    }

    @Test func `nothing to prove takes no proof`() throws {
        let log = try MemoryLog(size: 5)
        try log.heads[5].verifyConsistency(with: .empty, proof: [])
        try log.heads[5].verifyConsistency(with: log.heads[5], proof: [])
        try TreeHead.empty.verifyConsistency(with: .empty, proof: [])
        #expect(throws: ProofError.wrongLength) {
            try log.heads[5].verifyConsistency(with: .empty, proof: [log.heads[1].root])
        }
        #expect(throws: ProofError.inconsistent(old: 0, new: 5)) {
            try log.heads[5].verifyConsistency(with: TreeHead(size: 0, root: log.heads[1].root), proof: [])
        }
        #expect(throws: ProofError.inconsistent(old: 5, new: 5)) {
            try log.heads[5].verifyConsistency(with: TreeHead(size: 5, root: log.heads[1].root), proof: [])
        }
    }

    @Test func `sizes out of order or beyond the log are refused`() throws {
        let log = try MemoryLog(size: 5)
        #expect(throws: ProofError.sizesOutOfOrder(old: 5, new: 4)) { try log.consistencyProof(from: 5, to: 4) }
        #expect(throws: ProofError.sizesOutOfOrder(old: 5, new: 4)) {
            try log.heads[4].verifyConsistency(with: log.heads[5], proof: [])
        }
        #expect(throws: ProofError.indexOutOfRange(index: 5, size: 5)) { try log.inclusionProof(index: 5, size: 5) }
        #expect(throws: ProofError.indexOutOfRange(index: 0, size: 0)) { try log.inclusionProof(index: 0, size: 0) }
        #expect(throws: ProofError.indexOutOfRange(index: .max, size: 5)) {
            try log.heads[5].verifyInclusion(of: log.levels[0][0], at: .max, proof: [])
        }
        #expect(throws: ProofError.self) { try log.root(size: 6) }
        #expect(throws: ProofError.self) { try log.consistencyProof(from: 4, to: .max) }
        #expect(throws: ProofError.self) { try log.inclusionProof(index: .max - 1, size: .max) }
    }

    @Test func `a claim of 2 to the 64 leaves is refused`() throws {
        let log = try MemoryLog(size: 5)
        let huge = TreeHead(size: .max, root: log.heads[5].root)
        for count in [0, 1, 63, 64, 65, 1_000] {
            let proof = [MerkleHash](repeating: log.heads[1].root, count: count)
            #expect(throws: ProofError.self) { try huge.verifyConsistency(with: log.heads[5], proof: proof) }
            #expect(throws: ProofError.self) { try huge.verifyInclusion(of: log.levels[0][0], at: .max - 1, proof: proof) }
        }
    }

    @Test func `a store that lost hashes cannot prove`() throws {
        var log = try MemoryLog(size: 9)
        log.isEmptied = true
        #expect(throws: ProofError.missingHashes(tileLevel: 0, range: 8..<9)) { try log.consistencyProof(from: 4, to: 9) }
    }

    /// Each hash dropped, doubled, swapped with the next, and flipped in one bit; one more hash at each place.
    private func mutants(of proof: [MerkleHash]) -> [[MerkleHash]] {
        var mutants: [[MerkleHash]] = []
        for index in proof.indices {
            mutants.append(Array(proof[..<index] + proof[(index + 1)...]))
            mutants.append(Array(proof[...index] + proof[index...]))
            if index + 1 < proof.count {
                var swapped = proof
                swapped.swapAt(index, index + 1)
                mutants.append(swapped)
            }
            for byte in 0..<32 {
                var bytes = proof[index].bytes
                bytes[byte] ^= 1 << UInt8(byte % 8)
                guard let flipped = try? MerkleHash(bytes: bytes) else { continue }
                mutants.append(Array(proof[..<index] + [flipped] + proof[(index + 1)...]))
            }
        }
        for index in 0...proof.count {
            mutants.append(Array(proof[..<index] + [MerkleHash.ofEmptyTree] + proof[index...]))
        }
        return mutants
    }
}
