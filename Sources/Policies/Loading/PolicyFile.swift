// SPDX-License-Identifier: Apache-2.0

import Crypto

/// One file of a policy set, as read.
package struct PolicyFile: Hashable, Sendable {
    package static let maximumBytes = 1 << 20
    package static let maximumFiles = 1_000
    /// Over all files of a set.
    package static let maximumTotalBytes = 16 << 20

    /// What messages call it.
    package let name: String
    package let bytes: [UInt8]
    /// What the digest of the set calls it, which is the same wherever the set lies.
    package let digestName: String

    /// - Parameter digestName: nil: `name`.
    package init(name: String, bytes: [UInt8], digestName: String? = nil) {
        self.name = name
        self.bytes = bytes
        self.digestName = digestName ?? name
    }

    package init(name: String, text: String) {
        self.init(name: name, bytes: Array(text.utf8))
    }

    /// `sha256:` and 64 hexadecimal digits over names and contents, each with its length, in the order of the names.
    static func digest(of files: [PolicyFile]) -> String {
        var hash = SHA256()
        hash.update(data: Array("mayfly policy set 1\n".utf8))
        for file in files.sorted(by: { $0.digestName.precedesInUTF8($1.digestName) }) {
            for part in [Array(file.digestName.utf8), file.bytes] {
                let length = UInt64(part.count)
                hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) })
                hash.update(data: part)
            }
        }
        let digits = Array("0123456789abcdef")
        return "sha256:" + hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    }
}
