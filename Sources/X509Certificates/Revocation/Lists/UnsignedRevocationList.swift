// SPDX-License-Identifier: Apache-2.0

/// The exact bytes of a revocation list that a CA key is to sign.
package struct UnsignedRevocationList: Hashable, Sendable {
    /// `TBSCertList`.
    package let toBeSigned: [UInt8]
    package let signatureAlgorithm: X509SignatureAlgorithm
    private let issuerKey: SubjectPublicKey.Kind

    /// - Parameter entries: for a delta list what changed: see `RevokedEntries.changes(since:)`.
    package init(
        _ profile: RevocationListProfile, entries: RevokedEntries, issuer: IssuerCertificate
    ) throws(RevocationListError) {
        guard issuer.maySignRevocationLists else { throw .issuerCannotSign }
        var extensions = [
            issuer.authorityKeyIdentifierExtension, EncodedExtension.revocationListNumber(profile.number),
        ]
        if let point = profile.distributionPoint { extensions.append(EncodedExtension.issuingDistributionPoint(point)) }
        switch profile.kind {
        case .full(let freshest):
            guard !entries.hasRemovals else { throw .removalInFullList }
            if let freshest { extensions.append(EncodedExtension.freshestList(freshest)) }
        case .delta(let base):
            extensions.append(EncodedExtension.deltaIndicator(base: base))
        }
        issuerKey = issuer.publicKey.kind
        signatureAlgorithm = X509SignatureAlgorithm(issuerKey: issuerKey)
        toBeSigned = element(
            .sequence, integerElement([1]),  // version 2
            signatureAlgorithm.encoded, issuer.subjectName, profile.thisUpdate.encoded, profile.nextUpdate.encoded,
            // An empty list is left out (RFC 5280 §5.1.2.6).
            entries.count == 0 ? [] : element(.sequence, entries.encoded),
            element(.explicit0, element(.sequence, Array(extensions.joined()))))
    }

    /// The list. Whether the signature is valid is not checked, only that it can be one of that key.
    ///
    /// - Parameter signature: as X.509 has it; see `UnsignedCertificate.signed(_:)`.
    package func signed(_ signature: [UInt8]) throws(SignatureEncodingError) -> SignedRevocationList {
        guard issuerKey.canHaveMade(signature) else { throw .notOfThisKey }
        return SignedRevocationList(
            der: element(.sequence, toBeSigned, signatureAlgorithm.encoded, bitStringElement(signature)))
    }
}

/// A finished revocation list.
package struct SignedRevocationList: Hashable, Sendable {
    package let der: [UInt8]

    package var pem: String { PEM.encode(der, label: "X509 CRL") }
}
