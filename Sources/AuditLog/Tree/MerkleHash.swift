// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials

/// The hash of a tree node: 32 bytes of SHA-256, with leaves and inner nodes kept apart by a prefix (RFC 6962 §2.1).
package struct MerkleHash: Hashable, Sendable {
    package static let length = 32

    /// Always 32.
    package let bytes: [UInt8]

    package init(bytes: some Collection<UInt8>) throws(TreeError) {
        guard bytes.count == Self.length else { throw .hashLength(bytes.count) }
        self.bytes = Array(bytes)
    }

    package init(base64: String) throws(TreeError) {
        guard let bytes = StrictBase64.decode(base64) else { throw .hashNotBase64 }
        try self.init(bytes: bytes)
    }

    private init(_ digest: SHA256Digest) {
        bytes = Array(digest)
    }

    package var base64: String { StrictBase64.encode(bytes) }

    /// The root of the tree without leaves.
    package static let ofEmptyTree = MerkleHash(SHA256.hash(data: [UInt8]()))

    package static func leaf(_ leaf: [UInt8]) -> MerkleHash {
        var input: [UInt8] = []
        input.reserveCapacity(1 + leaf.count)
        input.append(0x00)
        input.append(contentsOf: leaf)
        return MerkleHash(SHA256.hash(data: input))
    }

    package static func node(_ left: MerkleHash, _ right: MerkleHash) -> MerkleHash {
        var input: [UInt8] = []
        input.reserveCapacity(1 + 2 * length)
        input.append(0x01)
        input.append(contentsOf: left.bytes)
        input.append(contentsOf: right.bytes)
        return MerkleHash(SHA256.hash(data: input))
    }
}

extension MerkleHash: CustomStringConvertible {
    package var description: String { base64 }
}
