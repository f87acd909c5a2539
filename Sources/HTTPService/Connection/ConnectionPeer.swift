// SPDX-License-Identifier: Apache-2.0

import Authentication
import NIOCore
import NIOSSL
import Synchronization

/// The other end of a connection: its address, and the certificate it proved to hold.
final class ConnectionPeer: Sendable {
    /// Set for every request that is handled on a connection.
    @TaskLocal static var current: ConnectionPeer?

    /// IPv4 or IPv6 text without port.
    let address: String?
    private let trust: ClientTrust
    private let proven = Mutex<PeerCertificate?>(nil)

    init(address: SocketAddress?, trust: ClientTrust) {
        self.address = address?.ipAddress
        self.trust = trust
    }

    /// Nil when the client presented none.
    var certificate: PeerCertificate? { proven.withLock { $0 } }

    /// The session certificate it proved to hold.
    var session: ClientCertificate? {
        if case .session(let certificate) = certificate { certificate } else { nil }
    }

    /// - Parameter chain: as the client sent it; what follows the first certificate is not looked at.
    func accepts(_ chain: [NIOSSLCertificate]) -> Bool {
        guard let der = try? chain.first?.toDERBytes() else { return false }
        return trust.verified(der) != nil
    }

    /// Looks again: a connection that resumes an earlier one comes here without having been asked.
    func handshakeCompleted(with certificate: NIOSSLCertificate?) {
        guard let der = try? certificate?.toDERBytes(), let verified = trust.verified(der) else { return }
        proven.withLock { $0 = verified }
    }
}
