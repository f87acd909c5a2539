// SPDX-License-Identifier: Apache-2.0

/// The right edge of a tree: all that is needed to append to it and to know its root. At most 63 hashes.
package struct MerkleFrontier: Hashable, Sendable {
    package private(set) var size: UInt64 = 0

    /// The roots of the perfect subtrees that the tree consists of, from left to right, so from large to small.
    /// INVARIANT: one for each bit that is set in `size`.
    private var peaks: [MerkleHash] = []

    package init() {}

    /// Adds one leaf: one hash on average, never more than the tree is high.
    ///
    /// Returns the nodes above the leaves that this leaf completed on the edge of a tile. A store keeps the leaf hashes
    /// and these, and can prove everything from them.
    @discardableResult
    package mutating func append(_ leafHash: MerkleHash) -> [CompletedNode] {
        var completed: [CompletedNode] = []
        var node = leafHash
        size += 1
        // Each trailing zero of the new size is a carry: two subtrees of one height become one.
        for height in 1..<(size.trailingZeroBitCount + 1) {
            guard let left = peaks.popLast() else { break }
            node = .node(left, node)
            if height.isMultiple(of: tileHeight) {
                completed.append(CompletedNode(tileLevel: height / tileHeight, index: (size >> height) - 1, hash: node))
            }
        }
        peaks.append(node)
        return completed
    }

    package var root: MerkleHash {
        guard let smallest = peaks.last else { return .ofEmptyTree }
        return peaks.dropLast().reversed().reduce(smallest) { .node($1, $0) }
    }

    package var head: TreeHead { TreeHead(size: size, root: root) }
}

extension MerkleFrontier {
    private static let version: UInt8 = 1
    /// Version and size.
    private static let prefixLength = 9
    /// No log comes near it, and it leaves room in the signed 64 bits of SQL.
    private static let largestSize: UInt64 = 1 << 62

    /// For one database row: version `1`, size (8 bytes, big-endian), then the 32-byte roots of the perfect subtrees from
    /// left to right.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = [Self.version]
        bytes.reserveCapacity(Self.prefixLength + peaks.count * MerkleHash.length)
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: size >> shift)) }
        for peak in peaks { bytes.append(contentsOf: peak.bytes) }
        return bytes
    }

    package init(decoding bytes: [UInt8]) throws(TreeError) {
        guard bytes.count >= Self.prefixLength, let version = bytes.first else {
            throw .frontierLength(bytes.count, expected: Self.prefixLength)
        }
        guard version == Self.version else { throw .frontierVersion(version) }
        let size = bytes.dropFirst().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard size <= Self.largestSize else { throw .frontierSize(size) }
        let expected = Self.prefixLength + size.nonzeroBitCount * MerkleHash.length
        guard bytes.count == expected else { throw .frontierLength(bytes.count, expected: expected) }
        var rest = bytes.dropFirst(Self.prefixLength)
        while !rest.isEmpty {
            peaks.append(try MerkleHash(bytes: rest.prefix(MerkleHash.length)))
            rest = rest.dropFirst(MerkleHash.length)
        }
        self.size = size
    }
}
