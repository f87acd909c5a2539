// SPDX-License-Identifier: Apache-2.0

/// C2SP tlog-tiles: a tile spans eight levels of the tree, 256 hashes of one level.
let tileHeight = 8

/// The root of a perfect subtree of 256, 65,536, … leaves.
package struct CompletedNode: Hashable, Sendable {
    /// 1 for the root over 256 leaves, 2 over 65,536, and so on. (Level 0 are the leaf hashes.)
    package let tileLevel: Int
    /// Counted from the left within its level.
    package let index: UInt64
    package let hash: MerkleHash
}

/// Where the hashes of a log are kept: those of the leaves and of the completed nodes.
package protocol TileReader {
    /// The hashes of `range` in one level, in order. Level 0 are the leaf hashes, level 1 the roots of complete runs of
    /// 256 leaves, level 2 of 65,536. A range has at most 128 hashes.
    func hashes(tileLevel: Int, range: Range<UInt64>) throws -> [MerkleHash]
}
