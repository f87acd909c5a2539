// SPDX-License-Identifier: Apache-2.0

/// Where a server is: `https://`, a DNS name or an IP address, and a port (443 unless said otherwise). No path, no user.
package struct ServerAddress: Hashable, Sendable {
    /// Lower case; without brackets.
    package let host: String
    package let port: Int

    package init(_ url: String) throws(ClientError) {
        let scheme = "https://"
        guard url.lowercased().hasPrefix(scheme), url.utf8.count <= 300 else { throw .invalidAddress(url) }
        var rest = url.lowercased().dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let name: Substring
        let portText: Substring?
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else { throw .invalidAddress(url) }
            name = rest[rest.index(after: rest.startIndex)..<end]
            let tail = rest[rest.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw .invalidAddress(url) }
            portText = tail.isEmpty ? nil : tail.dropFirst()
            guard name.utf8.contains(UInt8(ascii: ":")), name.utf8.allSatisfy(Self.isAddressByte) else {
                throw .invalidAddress(url)
            }
        } else {
            let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, let first = parts.first else { throw .invalidAddress(url) }
            name = first
            portText = parts.count == 2 ? parts[1] : nil
            guard !name.isEmpty, !name.hasPrefix("-"), !name.hasPrefix("."), name.utf8.allSatisfy(Self.isNameByte) else {
                throw .invalidAddress(url)
            }
        }
        if let portText {
            guard let port = Int(portText), (1...65535).contains(port), "\(port)" == portText else {
                throw .invalidAddress(url)
            }
            self.port = port
        } else {
            port = 443
        }
        host = String(name)
    }

    /// With the port always, so that one server has one name.
    package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package var url: String { "https://\(authority)" }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isHexadecimal(byte) || (UInt8(ascii: "g")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".")
    }

    /// IPv6 without zone.
    private static func isAddressByte(_ byte: UInt8) -> Bool {
        isHexadecimal(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
