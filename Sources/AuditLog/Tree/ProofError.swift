// SPDX-License-Identifier: Apache-2.0

/// Why a proof cannot be made, or does not prove what it should.
package enum ProofError: Error, Equatable {
    case indexOutOfRange(index: UInt64, size: UInt64)
    case sizesOutOfOrder(old: UInt64, new: UInt64)
    case missingHashes(tileLevel: Int, range: Range<UInt64>)
    case wrongLength
    case rootMismatch(size: UInt64)
    case inconsistent(old: UInt64, new: UInt64)
    case tooManyLeaves(size: UInt64)
    case tooFewLeaves(found: UInt64, size: UInt64)
}

extension ProofError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .indexOutOfRange(let index, let size): "entry \(index) is not in a log of \(size) entries"
        case .sizesOutOfOrder(let old, let new): "the log has \(new) entries, fewer than the \(old) it had before"
        case .missingHashes(let level, let range):
            "the log's store lacks hashes \(range.lowerBound) to \(range.upperBound - 1) of level \(level)"
        case .wrongLength: "the proof has the wrong number of hashes"
        case .rootMismatch(let size): "the first \(size) entries of the log are not those its checkpoint was signed over"
        case .inconsistent(let old, let new):
            "the log of \(new) entries does not begin with the \(old) entries it had before"
        case .tooManyLeaves(let size): "the log gave more than the \(size) entries of its checkpoint"
        case .tooFewLeaves(let found, let size): "the log gave \(found) of the \(size) entries of its checkpoint"
        }
    }
}
