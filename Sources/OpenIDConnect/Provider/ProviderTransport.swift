// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOSSL

/// The HTTP client of all providers, open while the service runs.
package struct ProviderTransport: Sendable {
    private let http: HTTPClient

    package static func opened<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (ProviderTransport) async throws -> Result
    ) async throws -> Result {
        try await HTTPClient.withHTTPClient(configuration: ProviderConnection.configuration) { http in
            try await body(ProviderTransport(http: http))
        }
    }

    /// - Parameter authorities: PEM of those a provider's certificate may be from; nil for those this machine trusts.
    /// - Throws: where that is no PEM of certificates.
    package func connection(authorities: String?) throws -> ProviderConnection {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let authorities {
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(authorities.utf8)))
        }
        return ProviderConnection(http: http, tls: tls)
    }
}
