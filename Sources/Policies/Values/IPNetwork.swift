// SPDX-License-Identifier: Apache-2.0

enum IPNetworkError: Error, Hashable {
    case malformed(String)
    case noPrefix(IPAddress)
    case hostBits(String, network: IPNetwork)
}

/// A range of addresses in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`.
package struct IPNetwork: Hashable, Sendable {
    package let address: IPAddress
    /// The number of leading bits that count.
    package let prefix: Int

    /// The address alone: /32 or /128.
    package init(only address: IPAddress) {
        self.address = address
        self.prefix = address.bytes.count * 8
    }

    /// Address and prefix length. Bits after the prefix must be zero: `10.1.2.3/8` says two things.
    init(_ text: String) throws(IPNetworkError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { throw .malformed(text) }
        guard parts.count == 2 else {
            throw parts.count == 1 ? .noPrefix(address) : .malformed(text)
        }
        let digits = parts[1].utf8
        // An IPv4-mapped network would count its prefix from another start.
        guard (1...3).contains(digits.count), digits.allSatisfy(ASCII.isDigit), digits.count == 1 || digits.first != 48,
            let prefix = Int(String(parts[1])), prefix <= address.bytes.count * 8,
            first.contains(":") != address.isVersion4
        else { throw .malformed(text) }
        self.prefix = prefix
        self.address = address
        let masked = self.masked(address.bytes)
        guard masked == address.bytes else {
            guard let network = IPAddress(bytes: masked) else { throw .malformed(text) }
            throw .hostBits(text, network: IPNetwork(address: network, prefix: prefix))
        }
    }

    private init(address: IPAddress, prefix: Int) {
        self.address = address
        self.prefix = prefix
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.bytes.count == address.bytes.count && masked(other.bytes) == address.bytes
    }

    private func masked(_ bytes: [UInt8]) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let bits = min(max(prefix - index * 8, 0), 8)
            return byte & ~UInt8(truncatingIfNeeded: 0xFF >> bits)
        }
    }
}

extension IPNetwork: CustomStringConvertible {
    package var description: String { "\(address)/\(prefix)" }
}

extension IPNetworkError: CustomStringConvertible {
    var description: String {
        switch self {
        case .malformed(let text): "`\(text)` is not a network; expected the form `10.0.0.0/8` or `2001:db8::/32`"
        case .noPrefix(let address): "`\(address)` has no prefix length; write `\(IPNetwork(only: address))`"
        case .hostBits(let text, let network): "`\(text)` has bits after its prefix; write `\(network)`"
        }
    }
}
