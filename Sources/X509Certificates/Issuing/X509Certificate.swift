// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// A finished certificate.
package struct X509Certificate: Hashable, Sendable {
    package let der: [UInt8]
    let toBeSigned: [UInt8]
    let algorithm: X509SignatureAlgorithm
    let signature: [UInt8]

    /// Whether a certificate says that nobody need ask whether it was revoked (RFC 9608); false for what is no certificate.
    package static func saysNoRevocation(_ der: [UInt8]) -> Bool {
        let fields = try? DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
            defer { while nodes.next() != nil {} }
            return try CertificateFields(nodes.required())
        }
        return fields?.extensions.contains { $0.identifier == [2, 5, 29, 56] } ?? false
    }

    package var pem: String { PEM.certificate(der) }

    /// Whether the signature is by the issuer's key. For CA certificates, start-up checks and tests: it costs about as much as
    /// signing.
    package func isSigned(by issuer: IssuerCertificate) -> Bool {
        issuer.publicKey.verifies(signature, over: toBeSigned, with: algorithm)
    }
}
