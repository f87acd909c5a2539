// SPDX-License-Identifier: Apache-2.0

/// A finished certificate.
package struct X509Certificate: Hashable, Sendable {
    package let der: [UInt8]
    let toBeSigned: [UInt8]
    let algorithm: X509SignatureAlgorithm
    let signature: [UInt8]

    package var pem: String { PEM.certificate(der) }

    /// Whether the signature is by the issuer's key. For CA certificates, start-up checks and tests: it costs about as much as
    /// signing.
    package func isSigned(by issuer: IssuerCertificate) -> Bool {
        issuer.publicKey.verifies(signature, over: toBeSigned, with: algorithm)
    }
}
