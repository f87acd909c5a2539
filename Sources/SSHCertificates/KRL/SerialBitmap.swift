// SPDX-License-Identifier: Apache-2.0

/// Serials near each other: bit n of a number, counted from its least significant one, stands for `offset` + n.
package struct SerialBitmap: Sendable, Hashable {
    package let offset: UInt64
    /// Most significant byte first, without leading zeros.
    package let magnitude: [UInt8]

    /// What OpenSSH reads of one number; its `SSHBUF_MAX_BIGNUM`.
    static let byteLimit = 2048
    static let bitLimit = UInt64(byteLimit) * 8

    package init(offset: UInt64, magnitude: [UInt8]) {
        self.offset = offset
        self.magnitude = magnitude
    }

    /// - Parameter runs: increasing, not empty, and within `bitLimit` of the first.
    init(runs: ArraySlice<ClosedRange<UInt64>>) {
        let first = runs.first?.lowerBound ?? 1, last = runs.last?.upperBound ?? first
        var bytes = [UInt8](repeating: 0, count: Int((last &- first) / 8) &+ 1)
        for run in runs {
            for serial in run {
                let bit = Int(serial &- first)
                bytes[bytes.count &- 1 &- bit / 8] |= 1 << UInt8(bit % 8)
            }
        }
        self.init(offset: first, magnitude: bytes)
    }

    func contains(_ serial: UInt64) -> Bool {
        guard serial >= offset, serial &- offset < UInt64(magnitude.count) &* 8 else { return false }
        let bit = Int(serial &- offset)
        return magnitude[magnitude.count &- 1 &- bit / 8] & 1 << UInt8(bit % 8) != 0
    }

    func check() throws(KeyRevocationListError) {
        guard magnitude.count <= Self.byteLimit else { throw .wire(.tooLong(field: "bitmap", limit: Self.byteLimit)) }
        guard let top = magnitude.first, let bottom = magnitude.last else { throw .emptySection }
        guard top != 0 else { throw .wire(.notCanonical(field: "bitmap")) }
        guard offset > 0 || bottom & 1 == 0 else { throw .serialZero }
        let highestBit = UInt64(magnitude.count) &* 8 &- 1 &- UInt64(top.leadingZeroBitCount)
        guard offset <= .max &- highestBit else { throw .bitmapTooFar }
    }
}
