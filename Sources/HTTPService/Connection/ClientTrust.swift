// SPDX-License-Identifier: Apache-2.0

import Authentication
import Issuance
import X509Certificates

/// What the other end of a connection proved to hold. Two kinds, and no endpoint takes both.
enum PeerCertificate: Sendable {
    /// Of the service CA, and valid.
    case session(ClientCertificate)
    /// Of an issuing CA. TLS servers have no certificates for TLS clients, and what has expired is told so: both get here.
    case machine(MachineCertificate)
}

/// Whose client certificates get through the TLS handshake. It stands in for the path validation of BoringSSL, which cannot
/// tell which CA it came to, and takes no certificate of a server for one of a client. A path is one signature long: nothing
/// stands between our CAs and what they issue.
struct ClientTrust: Sendable {
    private let service: IssuerCertificate
    private let machines: @Sendable () -> [IssuerCertificate]
    private let clock: any WallClock

    /// - Parameter machines: the issuing CAs as they stand now.
    init(service: IssuerCertificate, machines: @escaping @Sendable () -> [IssuerCertificate], clock: any WallClock) {
        self.service = service
        self.machines = machines
        self.clock = clock
    }

    /// - Returns: nil for what is of no CA of ours, or no certificate that anybody shows here.
    func verified(_ der: [UInt8]) -> PeerCertificate? {
        guard let presented = PresentedCertificate(der: der) else { return nil }
        if presented.isIssued(by: service) {
            guard presented.isForClients(at: clock.now) else { return nil }
            return ClientCertificate(presented).map { .session($0) }
        }
        return machines().first { presented.isIssued(by: $0) }.map { .machine(MachineCertificate(presented, issuedBy: $0)) }
    }
}
