// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Ports on 127.0.0.1.
package enum Loopback {
    /// A port that nobody else is given while this process lives.
    ///
    /// It stays bound here, without listening. A server that sets `SO_REUSEADDR` can listen on it all the same (socket(7)),
    /// as sshd, nginx, PostgreSQL and NIO do.
    package static func freePort() throws(TestSupportError) -> Int {
        let descriptor = newSocket()
        var reuse: Int32 = 1
        var address = sockaddr_in(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        guard descriptor >= 0,
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size)) == 0,
            unsafe withSocketAddress(&address, { unsafe bind(descriptor, $0, length) }) == 0,
            unsafe withSocketAddress(&address, { unsafe getsockname(descriptor, $0, &length) }) == 0
        else { throw .noFreePort(errno: errno) }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Whether a connection to the port is accepted.
    package static func isListening(on port: Int) -> Bool {
        let descriptor = newSocket()
        defer { close(descriptor) }
        var address = sockaddr_in(port: UInt16(clamping: port))
        return unsafe withSocketAddress(&address) {
            unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        } == 0
    }

    private static func newSocket() -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    private static func withSocketAddress(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Int32
    ) -> Int32 {
        unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0) }
        }
    }
}

extension sockaddr_in {
    fileprivate init(port: UInt16) {
        self.init()
        sin_family = sa_family_t(AF_INET)
        sin_port = port.bigEndian
        sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    }
}
