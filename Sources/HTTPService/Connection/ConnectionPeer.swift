// SPDX-License-Identifier: Apache-2.0

import Authentication
import NIOCore
import NIOSSL
import Synchronization

/// The other end of a connection: its address, and the session certificate it proved to hold.
final class ConnectionPeer: Sendable {
    /// Set for every request that is handled on a connection.
    @TaskLocal static var current: ConnectionPeer?

    /// IPv4 or IPv6 text without port.
    let address: String?
    private let proven = Mutex<ClientCertificate?>(nil)

    init(address: SocketAddress?) {
        self.address = address?.ipAddress
    }

    /// Issued by the service CA, the only CA the TLS layer trusts; nil when the client presented none.
    var certificate: ClientCertificate? { proven.withLock { $0 } }

    func handshakeCompleted(with certificate: NIOSSLCertificate?) {
        guard let der = try? certificate?.toDERBytes() else { return }
        proven.withLock { $0 = ClientCertificate(der: der) }
    }
}
