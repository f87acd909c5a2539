// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AuditLog

@Suite struct MerkleFrontierTests {
    @Test func `every root up to 600 leaves is the one of the definition`() throws {
        let log = try MemoryLog(size: 600)
        let leaves = MemoryLog.leaves(600)
        // Every size around the tile's edges, every third elsewhere: the definition is quadratic.
        for size in 0...600 where size % 3 == 0 || (250...260).contains(size) || (510...516).contains(size) {
            #expect(log.heads[size] == TreeHead(size: UInt64(size), root: ReferenceTree.root(leaves.prefix(size))))
        }
    }

    @Test func `the nodes that an append completes are the roots of whole tiles`() throws {
        let log = try MemoryLog(size: 1_100, keepsHeads: false)
        #expect(log.levels.map(\.count) == [1_100, 4])
        let leaves = MemoryLog.leaves(1_100)
        for (index, node) in log.levels[1].enumerated() {
            #expect(node == ReferenceTree.root(leaves[(index * 256)..<(index * 256 + 256)]))
        }
    }

    @Test func `the 65,536th leaf completes two nodes`() throws {
        let leaf = MerkleHash.leaf([])
        var frontier = MerkleFrontier()
        for _ in 1..<65_536 { frontier.append(leaf) }
        let completed = frontier.append(leaf)
        #expect(completed.map(\.tileLevel) == [1, 2])
        #expect(completed.map(\.index) == [255, 0])
        #expect(completed.last?.hash == frontier.root)
    }

    @Test(arguments: [0, 1, 2, 3, 255, 256, 257, 600])
    func `a stored frontier comes back and grows the same`(size: Int) throws {
        var original = try MemoryLog(size: size).frontier
        var restored = try MerkleFrontier(decoding: original.encoded)
        #expect(restored == original)
        #expect(original.encoded.count == 9 + size.nonzeroBitCount * 32)
        #expect(restored.append(.leaf([1])) == original.append(.leaf([1])))
        #expect(restored.head == original.head)
    }

    @Test func `a frontier of the wrong length, format or size is refused`() throws {
        let bytes = try MemoryLog(size: 7).frontier.encoded
        for length in 0..<bytes.count {
            #expect(throws: TreeError.self) { try MerkleFrontier(decoding: Array(bytes.prefix(length))) }
        }
        #expect(throws: TreeError.frontierLength(bytes.count + 1, expected: bytes.count)) {
            try MerkleFrontier(decoding: bytes + [0])
        }
        #expect(throws: TreeError.frontierVersion(2)) { try MerkleFrontier(decoding: [2] + bytes.dropFirst()) }
        #expect(throws: TreeError.frontierSize(.max)) {
            try MerkleFrontier(decoding: [1] + [UInt8](repeating: 0xff, count: 8) + bytes.dropFirst(9))
        }
    }

    @Test func `a frontier with any bit flipped is refused or another frontier`() throws {
        let frontier = try MemoryLog(size: 7).frontier
        let bytes = frontier.encoded
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << UInt8(bit)
                guard let other = try? MerkleFrontier(decoding: flipped) else { continue }
                #expect(other.encoded == flipped)
                #expect(other != frontier)
            }
        }
    }

    @Test(arguments: [0, 31, 33, 64])
    func `a hash of another length is refused`(length: Int) {
        #expect(throws: TreeError.hashLength(length)) { try MerkleHash(bytes: [UInt8](repeating: 0, count: length)) }
    }

    @Test func `a hash survives base64, in its one form only`() throws {
        let hash = MerkleHash.leaf([1, 2, 3])
        #expect(try MerkleHash(base64: hash.base64) == hash)
        for bad in [String(hash.base64.dropLast()), hash.base64 + "\n", " " + hash.base64, "", "===="] {
            #expect(throws: TreeError.self) { try MerkleHash(base64: bad) }
        }
        // The last character before the padding has two unused bits.
        let zero = try MerkleHash(bytes: [UInt8](repeating: 0, count: 32))
        #expect(throws: TreeError.hashNotBase64) { try MerkleHash(base64: zero.base64.dropLast(2) + "B=") }
    }
}
