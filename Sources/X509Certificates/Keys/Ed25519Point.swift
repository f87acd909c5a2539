// SPDX-License-Identifier: Apache-2.0

/// Cheap checks on an Ed25519 public key. That a point is off the curve shows when a signature is verified.
enum Ed25519Point {
    static func check(_ point: ArraySlice<UInt8>) throws(PublicKeyError) {
        guard point.count == 32, let top = point.last else { throw .malformed }
        // Little-endian y; the top bit is the sign of x.
        let y = Array(point.dropLast()) + [top & 0x7f]
        // The field's prime is 2^255 - 19; RFC 8032 §5.1.3 refuses y from there on.
        let isReduced = y.reversed().lexicographicallyPrecedes(prime(minus: 0).reversed())
        guard isReduced else { throw .invalidPoint }
        guard !smallOrder.contains(y) else { throw .smallOrder }
    }

    private static func prime(minus difference: UInt8) -> [UInt8] {
        [0xed - difference] + Array(repeating: 0xff, count: 30) + [0x7f]
    }

    /// y of the points whose order divides 8: order 4 (0), 1 (1), 2 (-1), and two pairs of order 8.
    private static let smallOrder: Set<[UInt8]> = [
        Array(repeating: 0, count: 32),
        [1] + Array(repeating: 0, count: 31),
        prime(minus: 1),
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
