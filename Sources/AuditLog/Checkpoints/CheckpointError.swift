// SPDX-License-Identifier: Apache-2.0

/// Why text is no checkpoint or no key of a log, or is not signed by the log it should come from.
package enum CheckpointError: Error, Equatable {
    case tooLong(limit: Int)
    case notText
    case name
    case body
    case size
    case root
    case signatureLine
    case tooManySignatures(limit: Int)
    case duplicateSignature(name: String)
    case verifierKey
    case verifierKeyID
    case publicKeyLength(Int)
    case publicKeyAlgorithm
    case otherLog(origin: String, expected: String)
    case notSigned(by: String)
    case badSignature(by: String)
}

extension CheckpointError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooLong(let limit): "the checkpoint is longer than \(limit) bytes"
        case .notText: "the checkpoint is not UTF-8 text or contains control characters"
        case .name: "a log's name is 1 to 255 printable ASCII characters without space and plus sign"
        case .body: "a checkpoint consists of the lines origin, size and root, a blank line, and signatures"
        case .size: "the checkpoint's size is not a decimal number without leading zeros"
        case .root: "the checkpoint's root is not the base64 of 32 bytes, or not the root of an empty log of size 0"
        case .signatureLine: "a signature line of the checkpoint is not `— name base64`"
        case .tooManySignatures(let limit): "the checkpoint has more than \(limit) signatures"
        case .duplicateSignature(let name): "the checkpoint has two signatures of one key of `\(name)`"
        case .verifierKey: "a log's public key is one line `name+id+key`, for an Ed25519 key"
        case .verifierKeyID: "the id in the log's public key does not belong to that name and key"
        case .publicKeyLength(let count): "an Ed25519 public key has 32 bytes, not \(count)"
        case .publicKeyAlgorithm: "the log's public key is not an Ed25519 key"
        case .otherLog(let origin, let expected):
            "the checkpoint is of the log `\(origin)`, not of `\(expected)`"
        case .notSigned(let name): "the checkpoint is not signed by the key of `\(name)`"
        case .badSignature(let name): "the signature of `\(name)` on the checkpoint is wrong"
        }
    }
}
