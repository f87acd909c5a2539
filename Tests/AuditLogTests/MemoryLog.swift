// SPDX-License-Identifier: Apache-2.0

@testable import AuditLog

/// A log as a store would keep it: leaf hashes, completed nodes, and the frontier.
struct MemoryLog: TileReader {
    private(set) var frontier = MerkleFrontier()
    private(set) var levels: [[MerkleHash]] = [[]]
    /// The head after each append, from the empty log on.
    private(set) var heads: [TreeHead] = [.empty]
    /// Whoever wants to see it fail.
    var isEmptied = false

    private struct NotInOrder: Error {}

    init(leafHashes: some Sequence<MerkleHash>, keepsHeads: Bool = true) throws {
        for leafHash in leafHashes {
            levels[0].append(leafHash)
            for node in frontier.append(leafHash) {
                if node.tileLevel == levels.count { levels.append([]) }
                guard levels[node.tileLevel].count == Int(node.index) else { throw NotInOrder() }
                levels[node.tileLevel].append(node.hash)
            }
            if keepsHeads { heads.append(frontier.head) }
        }
    }

    /// Leaves that are cheap to make: the hashes of the numbers from 0 on.
    init(size: Int, keepsHeads: Bool = true) throws {
        try self.init(leafHashes: Self.leaves(size), keepsHeads: keepsHeads)
    }

    static func leaves(_ count: Int) -> [MerkleHash] {
        (0..<count).map { .leaf([UInt8](String($0).utf8)) }
    }

    func hashes(tileLevel: Int, range: Range<UInt64>) throws -> [MerkleHash] {
        guard !isEmptied, tileLevel < levels.count else { return [] }
        return Array(levels[tileLevel].dropFirst(Int(range.lowerBound)).prefix(range.count))
    }
}
