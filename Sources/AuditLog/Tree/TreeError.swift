// SPDX-License-Identifier: Apache-2.0

/// Why stored or received bytes are not a hash or the right edge of a tree.
package enum TreeError: Error, Equatable {
    case hashLength(Int)
    case hashNotBase64
    case frontierVersion(UInt8)
    case frontierSize(UInt64)
    case frontierLength(Int, expected: Int)
}

extension TreeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .hashLength(let count): "a tree hash has \(MerkleHash.length) bytes, not \(count)"
        case .hashNotBase64: "a tree hash is not canonical base64"
        case .frontierVersion(let version): "the stored edge of the log has the unknown format \(version)"
        case .frontierSize(let size): "the stored edge of the log claims \(size) leaves, more than a log can hold"
        case .frontierLength(let count, let expected):
            "the stored edge of the log has \(count) bytes where its size calls for \(expected)"
        }
    }
}
