// SPDX-License-Identifier: Apache-2.0

/// `CRLNumber` (RFC 5280 §5.2.3): not negative, at most 20 bytes as an INTEGER. Of the lists of one CA each has a higher one
/// than the list before.
package struct RevocationListNumber: Hashable, Comparable, Sendable {
    package static let maximumBytes = 20

    /// Most significant first, without leading zeros.
    package let magnitude: [UInt8]

    package init(_ number: UInt64) {
        magnitude = Array(
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) }.drop { $0 == 0 })
    }

    /// - Returns: nil for what needs more than 20 bytes, of which the first bit is the sign.
    package init?(magnitude: some Sequence<UInt8>) {
        let digits = Array(magnitude.drop { $0 == 0 })
        guard digits.count < Self.maximumBytes || digits.count == Self.maximumBytes && digits[0] < 0x80 else { return nil }
        self.magnitude = digits
    }

    /// One more; nil after the highest.
    package var next: RevocationListNumber? {
        var digits = [0] + magnitude
        for index in digits.indices.reversed() {
            let (sum, overflow) = digits[index].addingReportingOverflow(1)
            digits[index] = sum
            if !overflow { break }
        }
        return RevocationListNumber(magnitude: digits)
    }

    /// Without leading zeros; `0` is `0`.
    package var hexadecimal: String {
        let digits = magnitude.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined().drop { $0 == "0" }
        return digits.isEmpty ? "0" : String(digits)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.magnitude.count == right.magnitude.count
            ? left.magnitude.lexicographicallyPrecedes(right.magnitude) : left.magnitude.count < right.magnitude.count
    }

    /// The INTEGER.
    var encoded: [UInt8] { integerElement(magnitude) }
}
