// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AuditLog

/// The eight leaves and the roots and proofs over them that Certificate Transparency implementations share.
@Suite struct KnownTreeTests {
    static let leaves = [
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    ].map(bytes)

    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    static let left = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
    static let pair = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
    static let four = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
    static let fifth = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
    static let sixes = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
    static let pairOfSix = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

    static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal.utf8)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16) ?? 0
        }
    }

    static func hashes(_ hexadecimal: [String]) throws -> [MerkleHash] {
        try hexadecimal.map { try MerkleHash(bytes: bytes($0)) }
    }

    private let log: MemoryLog

    init() throws {
        log = try MemoryLog(leafHashes: Self.leaves.map(MerkleHash.leaf))
    }

    @Test func `the roots of the trees of 0 to 8 leaves are the published ones`() throws {
        #expect(log.heads.map(\.root) == (try Self.hashes(Self.roots)))
        for size in 0...8 { #expect(try log.root(size: UInt64(size)) == log.heads[size].root) }
    }

    @Test(arguments: [
        (UInt64(0), UInt64(1), []), (0, 8, [left, pair, four]), (5, 8, [fifth, sixes, roots[4]]), (2, 3, [roots[2]]),
        (1, 5, [roots[1], pair, fifth]),
    ])
    func `an inclusion proof is the published one`(index: UInt64, size: UInt64, proof: [String]) throws {
        let proof = try Self.hashes(proof)
        #expect(try log.inclusionProof(index: index, size: size) == proof)
        try log.heads[Int(size)].verifyInclusion(of: .leaf(Self.leaves[Int(index)]), at: index, proof: proof)
    }

    @Test(arguments: [
        (UInt64(1), UInt64(1), []), (1, 8, [left, pair, four]), (6, 8, [pairOfSix, sixes, roots[4]]),
        (2, 5, [pair, fifth]),
    ])
    func `a consistency proof is the published one`(old: UInt64, new: UInt64, proof: [String]) throws {
        let proof = try Self.hashes(proof)
        #expect(try log.consistencyProof(from: old, to: new) == proof)
        try log.heads[Int(new)].verifyConsistency(with: log.heads[Int(old)], proof: proof)
    }
}
