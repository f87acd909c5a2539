// SPDX-License-Identifier: Apache-2.0

/// One entry of `source-address`: an IP address or a range `address/prefix length`, whose bits after the prefix are zero
/// (sshd refuses the whole certificate otherwise).
package struct SSHAddressRange: Sendable, Hashable, CustomStringConvertible {
    /// As given.
    package let description: String
    let address: [UInt8]
    let prefixLength: Int

    package init(_ text: String) throws(SSHCertificateError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard text.utf8.count <= 64, parts.count <= 2, let first = parts.first,
            let address = IPAddress.bytes(String(decoding: first, as: UTF8.self))
        else { throw .invalidSourceAddress(text) }
        var prefixLength = address.count * 8
        if parts.count == 2, let last = parts.last {
            guard (1...3).contains(last.count), last.allSatisfy(\.isDigit),
                last.count == 1 || last.first != UInt8(ascii: "0"),
                let length = Int(String(decoding: last, as: UTF8.self)), length <= prefixLength
            else { throw .invalidSourceAddress(text) }
            prefixLength = length
        }
        guard Self.isZero(address, after: prefixLength) else { throw .invalidSourceAddress(text) }
        self.address = address
        self.prefixLength = prefixLength
        description = text
    }

    /// Whether an address lies in it; never for what is not an address, or one of the other family.
    package func contains(address text: String) -> Bool {
        guard let other = IPAddress.bytes(text), other.count == address.count else { return false }
        return Self.isZero(zip(address, other).map { $0 ^ $1 }, before: prefixLength)
    }

    private static func isZero(_ address: [UInt8], before prefixLength: Int) -> Bool {
        address.enumerated().allSatisfy { index, byte in
            let kept = min(max(prefixLength - index * 8, 0), 8)
            return UInt16(byte) & ~(0xff >> kept) & 0xff == 0
        }
    }

    private static func isZero(_ address: [UInt8], after prefixLength: Int) -> Bool {
        address.enumerated().allSatisfy { index, byte in
            let kept = min(max(prefixLength - index * 8, 0), 8)
            return UInt16(byte) & (0xff >> kept) == 0
        }
    }
}
