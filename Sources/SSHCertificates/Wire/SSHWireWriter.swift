// SPDX-License-Identifier: Apache-2.0

/// Writes the data types of RFC 4251 §5. What is written was bounded by `SSHLimits` before, so lengths fit 32 bits.
struct SSHWireWriter {
    private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: enough of it leaves no outgrown copies of secrets behind.
    init(reservingCapacity capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func write(raw: some Sequence<UInt8>) { bytes.append(contentsOf: raw) }

    mutating func write(uint8 value: UInt8) { bytes.append(value) }

    mutating func write(uint32 value: UInt32) {
        for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func write(uint64 value: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    mutating func write(string value: some Collection<UInt8>) {
        write(uint32: UInt32(clamping: value.count))
        bytes.append(contentsOf: value)
    }

    mutating func write(string value: String) { write(string: value.utf8) }

    /// A non-negative mpint from its magnitude, with any number of leading zeros.
    mutating func write(magnitude: some Collection<UInt8>) {
        let digits = magnitude.drop { $0 == 0 }
        let sign: [UInt8] = digits.first.map { $0 & 0x80 != 0 } == true ? [0] : []
        write(string: sign + digits)
    }

    /// A string whose content `body` writes.
    mutating func writeString(_ body: (inout SSHWireWriter) -> Void) {
        var inner = SSHWireWriter()
        body(&inner)
        write(string: inner.bytes)
    }
}
