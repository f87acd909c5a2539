// SPDX-License-Identifier: Apache-2.0

import NIOSSL

extension TLSConfiguration {
    /// TLS 1.2 and later, the peer's name and chain verified.
    /// - Parameter roots: PEM; nil: those of the system.
    static func receiver(roots: String?) throws(DeliveryProblem) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        if let roots {
            guard let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(roots.utf8)), !certificates.isEmpty else {
                throw .unusableTrustRoots
            }
            configuration.trustRoots = .certificates(certificates)
        }
        return configuration
    }
}
