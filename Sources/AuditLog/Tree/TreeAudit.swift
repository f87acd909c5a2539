// SPDX-License-Identifier: Apache-2.0

/// Computes a log again from all of its leaves and holds it against what its operator signed: the newest head, and an
/// older one that the auditor remembers.
package struct TreeAudit: Sendable {
    private let claimed: TreeHead
    private let remembered: TreeHead?
    private var frontier = MerkleFrontier()

    package init(claimed: TreeHead, remembered: TreeHead? = nil) throws(ProofError) {
        if let remembered, remembered.size > claimed.size {
            throw .sizesOutOfOrder(old: remembered.size, new: claimed.size)
        }
        self.claimed = claimed
        self.remembered = remembered
        try check()
    }

    /// The number of the leaf to add next.
    package var next: UInt64 { frontier.size }

    /// Every leaf, from number 0 on.
    package mutating func add(_ leaf: [UInt8]) throws(ProofError) {
        guard frontier.size < claimed.size else { throw .tooManyLeaves(size: claimed.size) }
        frontier.append(.leaf(leaf))
        try check()
    }

    /// Throws unless all leaves came and both heads were met.
    package func finish() throws(ProofError) {
        guard frontier.size == claimed.size else { throw .tooFewLeaves(found: frontier.size, size: claimed.size) }
    }

    private func check() throws(ProofError) {
        for head in [remembered, claimed] {
            guard let head, head.size == frontier.size else { continue }
            guard head.root == frontier.root else { throw .rootMismatch(size: head.size) }
        }
    }
}
