// SPDX-License-Identifier: Apache-2.0

extension TreeHead {
    /// Proves that leaf `index` of this tree has this hash (RFC 9162 §2.1.3.2).
    package func verifyInclusion(
        of leafHash: MerkleHash, at index: UInt64, proof: [MerkleHash]
    ) throws(ProofError) {
        guard index < size else { throw .indexOutOfRange(index: index, size: size) }
        var path = Path(node: index, last: size - 1)
        var computed = leafHash
        for sibling in proof {
            guard path.last > 0 else { throw .wrongLength }
            computed = path.isRightChild ? .node(sibling, computed) : .node(computed, sibling)
            path.ascend()
        }
        guard path.last == 0 else { throw .wrongLength }
        guard computed == root else { throw .rootMismatch(size: size) }
    }

    /// Proves that this tree begins with all of `older` (RFC 9162 §2.1.4.2).
    package func verifyConsistency(with older: TreeHead, proof: [MerkleHash]) throws(ProofError) {
        guard older.size <= size else { throw .sizesOutOfOrder(old: older.size, new: size) }
        let inconsistent = ProofError.inconsistent(old: older.size, new: size)
        guard older.size > 0, older.size < size else {
            guard proof.isEmpty else { throw .wrongLength }
            guard older.root == (older.size == 0 ? .ofEmptyTree : root) else { throw inconsistent }
            return
        }
        var hashes = proof[...]
        var path = Path(node: older.size - 1, last: size - 1)
        path.skipRightChildren()
        // The old tree is one perfect subtree when its size is a power of two: then the walk begins at its root.
        guard let first = older.size.nonzeroBitCount == 1 ? older.root : hashes.popFirst() else { throw .wrongLength }
        var (old, new) = (first, first)
        for sibling in hashes {
            guard path.last > 0 else { throw .wrongLength }
            if path.isRightChild {
                old = .node(sibling, old)
                new = .node(sibling, new)
            } else {
                new = .node(new, sibling)
            }
            path.ascend()
        }
        guard path.last == 0 else { throw .wrongLength }
        guard old == older.root, new == root else { throw inconsistent }
    }
}

/// A walk from a node up to the root: its number and that of the last node, both within their level.
private struct Path {
    private(set) var node: UInt64
    private(set) var last: UInt64

    init(node: UInt64, last: UInt64) {
        self.node = node
        self.last = last
    }

    /// Its sibling in the proof is to the left. The last node of a level counts as one: levels where it has no sibling at
    /// all are skipped by `ascend`.
    var isRightChild: Bool { node & 1 == 1 || node == last }

    mutating func ascend() {
        if isRightChild { while node & 1 == 0, node > 0 { halve() } }
        halve()
    }

    mutating func skipRightChildren() {
        while node & 1 == 1 { halve() }
    }

    private mutating func halve() {
        node >>= 1
        last >>= 1
    }
}
