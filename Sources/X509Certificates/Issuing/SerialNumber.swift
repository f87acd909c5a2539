// SPDX-License-Identifier: Apache-2.0

/// The serial number of a certificate: 128 random bits, so that nobody can guess or provoke one (RFC 5280 §4.1.2.2 allows 20
/// octets; CA/Browser Forum requires 64 bits from a generator).
package struct SerialNumber: Hashable, Sendable {
    package static let byteCount = 16

    let bytes: [UInt8]

    /// - Throws: `ProfileError.serialNumber` unless there are 16 bytes that are not all zero.
    package init(randomBits bytes: [UInt8]) throws(ProfileError) {
        guard bytes.count == Self.byteCount, bytes.contains(where: { $0 != 0 }) else { throw .serialNumber }
        self.bytes = bytes
    }

    /// The number that a certificate carries, most significant byte first, with or without leading zeros.
    ///
    /// - Returns: nil for zero and for numbers above 128 bits.
    package init?(magnitude: some Sequence<UInt8>) {
        let digits = Array(magnitude.drop { $0 == 0 })
        guard (1...Self.byteCount).contains(digits.count) else { return nil }
        bytes = Array(repeating: 0, count: Self.byteCount - digits.count) + digits
    }

    /// - Parameter hexadecimal: as the property of that name has it.
    /// - Returns: nil for any other text.
    package init?(hexadecimal text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.byteCount, digits.allSatisfy(\.isLowercaseHexadecimalDigit),
            let high = UInt64(String(decoding: digits.prefix(16), as: UTF8.self), radix: 16),
            let low = UInt64(String(decoding: digits.suffix(16), as: UTF8.self), radix: 16)
        else { return nil }
        self.init(
            magnitude: [high, low].flatMap { half in
                stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
            })
    }

    /// 32 lower-case digits. INVARIANT: leading zeros are kept, as inventory and sessions are looked up by this text.
    package var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xf)]] }, as: UTF8.self)
    }

    /// The INTEGER, without leading zeros.
    var encoded: [UInt8] { integerElement(bytes) }
}

extension UInt8 {
    fileprivate var isLowercaseHexadecimalDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}
