// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// One line of `/proc/net/tcp` or `tcp6` (proc_net(5)).
struct TCPSocket: Sendable {
    let localPort: UInt16
    let peer: SSHPeer
    let isListening: Bool
    let inode: UInt64

    init?(parsing line: Substring) {
        let fields = line.split(separator: " ", maxSplits: 10, omittingEmptySubsequences: true)
        guard fields.count > 9, let local = Self.address(fields[1]), let remote = Self.address(fields[2]),
            let inode = UInt64(fields[9])
        else { return nil }
        localPort = local.port
        peer = remote
        isListening = fields[3] == "0A"
        self.inode = inode
    }

    /// `0100007F:5653`: words of 32 bits in the order of the machine, then the port.
    private static func address(_ field: Substring) -> SSHPeer? {
        let parts = field.split(separator: ":")
        guard parts.count == 2, parts[0].utf8.count == 8 || parts[0].utf8.count == 32, let port = UInt16(parts[1], radix: 16)
        else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[0]
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: UInt32(littleEndian: word) >> UInt32(shift))) }
            rest = rest.dropFirst(8)
        }
        // sshd speaks of IPv4 in IPv6 as of IPv4.
        if bytes.count == 16, bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] { bytes.removeFirst(12) }
        let text = try? SocketAddress(packedIPAddress: ByteBuffer(bytes: bytes), port: Int(port)).ipAddress
        return text.map { SSHPeer(address: $0, port: port) }
    }
}

/// Who is at the other end of a connection.
package struct SSHPeer: Hashable, Sendable {
    /// An IP address without a zone.
    package let address: String
    package let port: UInt16
}
