// SPDX-License-Identifier: Apache-2.0

/// What pins a log down to the last bit: how many leaves, and the root over them.
package struct TreeHead: Hashable, Sendable {
    package let size: UInt64
    package let root: MerkleHash

    package init(size: UInt64, root: MerkleHash) {
        self.size = size
        self.root = root
    }

    package static let empty = TreeHead(size: 0, root: .ofEmptyTree)
}
