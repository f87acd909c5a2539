// SPDX-License-Identifier: Apache-2.0

package import X509Certificates

package import struct FoundationEssentials.Date

/// Makes the certificates of the CAs themselves: linted and signed like every other.
package enum CACertificates {
    /// The root of the workload CA: one issuing CA may stand below it.
    package static func root(
        commonName: String, signer: any Signer, now: Date, lifetime: Double
    ) async throws -> IssuerCertificate {
        try await make(commonName, try own(signer), pathLength: 1, issuer: nil, signer: signer, now, lifetime)
    }

    package static func issuing(
        commonName: String, key: any Signer, under root: IssuerCertificate, signer: any Signer, now: Date, lifetime: Double
    ) async throws -> IssuerCertificate {
        try await issuing(
            commonName: commonName, publicKey: SubjectPublicKey(subjectPublicKeyInfo: key.subjectPublicKeyInfo), under: root,
            signer: signer, now: now, lifetime: lifetime)
    }

    /// - Parameter lifetime: seconds; cut where the root ends.
    package static func issuing(
        commonName: String, publicKey: SubjectPublicKey, under root: IssuerCertificate, signer: any Signer, now: Date,
        lifetime: Double
    ) async throws -> IssuerCertificate {
        try await make(
            commonName, publicKey, pathLength: 0, issuer: root, signer: signer, now,
            min(lifetime, root.notAfter.timeIntervalSince(now) + 1))
    }

    /// The service CA: its own root, with nothing but end entities below.
    package static func service(
        commonName: String, signer: any Signer, now: Date, lifetime: Double
    ) async throws -> IssuerCertificate {
        try await make(commonName, try own(signer), pathLength: 0, issuer: nil, signer: signer, now, lifetime)
    }

    /// How long the root's list may be believed. The root key may be far away, so it lives long.
    package static let rootListLifetime: Double = 365 * 86_400  // seconds

    /// The list of the root, which has issued nothing but issuing CAs: what checks a whole chain wants one.
    package static func rootList(
        _ root: IssuerCertificate, signer: any Signer, revoked: RevokedEntries = RevokedEntries(),
        after previous: RevocationListNumber? = nil, now: Date
    ) async throws -> SignedRevocationList {
        let byTime = RevocationListNumber(UInt64(max(1, now.timeIntervalSince1970)))
        return try await X509Authority(certificate: root, signer: signer).signedList(
            .full(
                number: max(byTime, previous?.next ?? byTime), after: previous, thisUpdate: now,
                nextUpdate: min(now.addingTimeInterval(rootListLifetime), root.notAfter)), revoked)
    }

    private static func own(_ signer: any Signer) throws -> SubjectPublicKey {
        try SubjectPublicKey(subjectPublicKeyInfo: signer.subjectPublicKeyInfo)
    }

    /// - Parameter lifetime: seconds.
    private static func make(
        _ commonName: String, _ publicKey: SubjectPublicKey, pathLength: Int, issuer: IssuerCertificate?, signer: any Signer,
        _ now: Date,
        _ lifetime: Double
    ) async throws -> IssuerCertificate {
        let profile = try AuthorityProfile(
            serial: SerialNumber(randomBits: randomBytes(SerialNumber.byteCount)), notBefore: now,
            notAfter: now.addingTimeInterval(lifetime - 1), commonName: commonName,
            publicKey: publicKey, pathLength: pathLength)
        return try IssuerCertificate(der: try await ApprovedIssuance(profile, issuer: issuer, signer: signer).sign())
    }
}
