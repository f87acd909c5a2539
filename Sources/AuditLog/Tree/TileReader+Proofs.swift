// SPDX-License-Identifier: Apache-2.0

extension TileReader {
    /// The root over the first `size` leaves (RFC 6962 §2.1).
    package func root(size: UInt64) throws -> MerkleHash {
        size == 0 ? .ofEmptyTree : try root(of: 0..<size)
    }

    /// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1): from the leaf upwards.
    package func inclusionProof(index: UInt64, size: UInt64) throws -> [MerkleHash] {
        guard index < size else { throw ProofError.indexOutOfRange(index: index, size: size) }
        var siblings: [MerkleHash] = []
        var subtree = 0..<size
        while subtree != index..<(index + 1) {
            let (left, right) = halves(of: subtree)
            siblings.append(try root(of: left.contains(index) ? right : left))
            subtree = left.contains(index) ? left : right
        }
        return siblings.reversed()
    }

    /// That the tree of `new` leaves begins with the tree of `old` leaves (RFC 6962 §2.1.2). Empty when they are the same
    /// or `old` is 0, where there is nothing to prove.
    package func consistencyProof(from old: UInt64, to new: UInt64) throws -> [MerkleHash] {
        guard old <= new else { throw ProofError.sizesOutOfOrder(old: old, new: new) }
        guard old > 0, old < new else { return [] }
        var hashes: [MerkleHash] = []
        var subtree = 0..<new
        while subtree.upperBound != old {
            let (left, right) = halves(of: subtree)
            let oldEndsLeft = old <= left.upperBound
            hashes.append(try root(of: oldEndsLeft ? right : left))
            subtree = oldEndsLeft ? left : right
        }
        // A subtree that begins at 0 is the old tree itself, whose root the verifier has.
        if subtree.lowerBound > 0 { hashes.append(try root(of: subtree)) }
        return hashes.reversed()
    }

    /// The left half is the largest perfect subtree that leaves something for the right. For at least two leaves.
    private func halves(of leaves: Range<UInt64>) -> (left: Range<UInt64>, right: Range<UInt64>) {
        let last = leaves.upperBound - leaves.lowerBound - 1
        let middle = leaves.lowerBound + (1 << UInt64(63 - last.leadingZeroBitCount))
        return (leaves.lowerBound..<middle, middle..<leaves.upperBound)
    }

    private func root(of leaves: Range<UInt64>) throws -> MerkleHash {
        let count = leaves.upperBound - leaves.lowerBound
        guard count.nonzeroBitCount > 1 else {
            return try perfectRoot(startingAt: leaves.lowerBound, height: count.trailingZeroBitCount)
        }
        let (left, right) = halves(of: leaves)
        return .node(try root(of: left), try root(of: right))
    }

    /// INVARIANT: `start` is a multiple of 2^`height`, as everywhere in the tree.
    private func perfectRoot(startingAt start: UInt64, height: Int) throws -> MerkleHash {
        let tileLevel = height / tileHeight
        let first = start >> UInt64(tileLevel * tileHeight)
        let range = first..<(first + (1 << UInt64(height % tileHeight)))
        var hashes = try hashes(tileLevel: tileLevel, range: range)
        guard hashes.count == range.count else { throw ProofError.missingHashes(tileLevel: tileLevel, range: range) }
        while hashes.count > 1 {
            hashes = stride(from: 0, to: hashes.count, by: 2).map { .node(hashes[$0], hashes[$0 + 1]) }
        }
        return hashes[0]
    }
}
