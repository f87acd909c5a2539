// SPDX-License-Identifier: Apache-2.0

/// Hostile neighbours of valid bytes.
enum Mutations {
    /// One bit of every byte flipped, each in a copy of its own; another bit position from byte to byte.
    static func bitFlips(_ bytes: [UInt8]) -> some Sequence<[UInt8]> {
        bytes.indices.lazy.map { index in
            var copy = bytes
            copy[index] ^= 1 << UInt8(index % 8)
            return copy
        }
    }

    /// Every proper prefix, and the whole with one byte more.
    static func wrongLengths(_ bytes: [UInt8]) -> some Sequence<[UInt8]> {
        (0...bytes.count).lazy.map { $0 == bytes.count ? bytes + [0] : Array(bytes.prefix($0)) }
    }
}
