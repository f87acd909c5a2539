// SPDX-License-Identifier: Apache-2.0

package import X509Certificates

package import struct FoundationEssentials.Date

/// Makes the certificates of the CAs themselves: linted and signed like every other.
package enum CACertificates {
    /// The root of the workload CA: one issuing CA may stand below it.
    package static func root(
        commonName: String, signer: any Signer, now: Date, lifetime: Double
    ) async throws -> IssuerCertificate {
        try await make(commonName, key: signer, pathLength: 1, issuer: nil, signer: signer, now, lifetime)
    }

    package static func issuing(
        commonName: String, key: any Signer, under root: IssuerCertificate, signer: any Signer, now: Date, lifetime: Double
    ) async throws -> IssuerCertificate {
        try await make(commonName, key: key, pathLength: 0, issuer: root, signer: signer, now, lifetime)
    }

    /// The service CA: its own root, with nothing but end entities below.
    package static func service(
        commonName: String, signer: any Signer, now: Date, lifetime: Double
    ) async throws -> IssuerCertificate {
        try await make(commonName, key: signer, pathLength: 0, issuer: nil, signer: signer, now, lifetime)
    }

    /// - Parameter lifetime: seconds.
    private static func make(
        _ commonName: String, key: any Signer, pathLength: Int, issuer: IssuerCertificate?, signer: any Signer, _ now: Date,
        _ lifetime: Double
    ) async throws -> IssuerCertificate {
        let profile = try AuthorityProfile(
            serial: SerialNumber(randomBits: randomBytes(SerialNumber.byteCount)), notBefore: now,
            notAfter: now.addingTimeInterval(lifetime - 1), commonName: commonName,
            publicKey: SubjectPublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo), pathLength: pathLength)
        return try IssuerCertificate(der: try await ApprovedIssuance(profile, issuer: issuer, signer: signer).sign())
    }
}
