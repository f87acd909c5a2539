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
    /// What was found good in the handshake, before the client proved to hold its key.
    private let verified = Mutex<(der: [UInt8], certificate: PeerCertificate)?>(nil)
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
        guard let der = try? chain.first?.toDERBytes(), let certificate = trust.verified(der) else { return false }
        verified.withLock { $0 = (der, certificate) }
        return true
    }

    /// A connection that resumes an earlier one comes here without having been asked.
    func handshakeCompleted(with certificate: NIOSSLCertificate?) {
        guard let der = try? certificate?.toDERBytes() else { return }
        let known = verified.withLock { $0?.der == der ? $0?.certificate : nil }
        guard let found = known ?? trust.verified(der) else { return }
        proven.withLock { $0 = found }
    }
}
