// SPDX-License-Identifier: Apache-2.0

/// Cheap checks on an Ed25519 public key. Whether it is on the curve at all shows only when a signature is verified; a key
/// that is not can sign nothing.
enum Ed25519Point {
    static let byteCount = 32

    /// Refuses y ≥ p (RFC 8032 §5.1.3) and the points of small order, whose "signatures" anyone can make.
    static func isUsable(_ point: [UInt8]) -> Bool {
        guard point.count == byteCount, let top = point.last, let bottom = point.first else { return false }
        let y = point.dropLast() + [top & 0x7f]
        // p = 2^255 - 19, so y ≥ p means 0xed or more, then 30 times 0xff, then 0x7f.
        let isReduced = !(top & 0x7f == 0x7f && bottom >= 0xed && y.dropFirst().dropLast().allSatisfy { $0 == 0xff })
        return isReduced && !smallOrder.contains(Array(y))
    }

    /// The y of the eight points of small order, little-endian: 0, 1, p - 1 and the two of order 8.
    private static let smallOrder: [[UInt8]] = [
        Array(repeating: 0, count: 32),
        [1] + Array(repeating: 0, count: 31),
        [0xec] + Array(repeating: 0xff, count: 30) + [0x7f],
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ]
}
