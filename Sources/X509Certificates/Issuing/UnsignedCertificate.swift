// SPDX-License-Identifier: Apache-2.0

/// The exact bytes that a CA key is to sign. The key itself lives elsewhere.
package struct UnsignedCertificate: Hashable, Sendable {
    /// `TBSCertificate`.
    package let toBeSigned: [UInt8]
    package let signatureAlgorithm: X509SignatureAlgorithm
    private let issuerKey: SubjectPublicKey.Kind

    /// An end-entity certificate.
    package static func endEntity(
        _ profile: CertificateProfile, issuer: IssuerCertificate
    ) throws(ProfileError) -> UnsignedCertificate {
        guard issuer.validity.contains(profile.validity) else { throw .outsideIssuerValidity }
        var extensions = [
            EncodedExtension.endEntity, EncodedExtension.endEntityKeyUsage,
            EncodedExtension.extendedKeyUsage(profile.usage),
        ]
        if !profile.names.isEmpty {
            extensions.append(
                EncodedExtension.subjectAlternativeName(profile.names, critical: profile.subject.isEmpty))
        }
        extensions += [
            EncodedExtension.subjectKeyIdentifier(profile.publicKey), issuer.authorityKeyIdentifierExtension,
        ]
        extensions += EncodedExtension.statusSource(profile.statusSource)
        return UnsignedCertificate(
            serial: profile.serial, issuer: issuer.subjectName, validity: profile.validity,
            subject: encodedSubject(profile.subject), publicKey: profile.publicKey, extensions: extensions,
            signedBy: issuer.publicKey.kind)
    }

    /// A CA certificate that is its own issuer: the workload root, and the service CA.
    package static func root(_ profile: AuthorityProfile) -> UnsignedCertificate {
        let name = encodedSubject(Subject(profile.commonName))
        return UnsignedCertificate(
            serial: profile.serial, issuer: name, validity: profile.validity, subject: name,
            publicKey: profile.publicKey, extensions: extensions(of: profile), signedBy: profile.publicKey.kind)
    }

    /// A CA certificate under another one.
    package static func intermediate(
        _ profile: AuthorityProfile, issuer: IssuerCertificate
    ) throws(ProfileError) -> UnsignedCertificate {
        guard issuer.validity.contains(profile.validity) else { throw .outsideIssuerValidity }
        guard issuer.pathLength.map({ profile.pathLength < $0 }) ?? true else { throw .pathLength }
        return UnsignedCertificate(
            serial: profile.serial, issuer: issuer.subjectName, validity: profile.validity,
            subject: encodedSubject(Subject(profile.commonName)), publicKey: profile.publicKey,
            extensions: extensions(of: profile) + [issuer.authorityKeyIdentifierExtension],
            signedBy: issuer.publicKey.kind)
    }

    /// A certificate for a key that signs OCSP responses in the issuer's place.
    package static func ocspResponder(
        _ profile: ResponderProfile, issuer: IssuerCertificate
    ) throws(ProfileError) -> UnsignedCertificate {
        guard issuer.validity.contains(profile.validity) else { throw .outsideIssuerValidity }
        return UnsignedCertificate(
            serial: profile.serial, issuer: issuer.subjectName, validity: profile.validity,
            subject: encodedSubject(Subject(profile.commonName)), publicKey: profile.publicKey,
            extensions: [
                EncodedExtension.endEntity, EncodedExtension.endEntityKeyUsage, EncodedExtension.ocspSigning,
                EncodedExtension.ocspNoCheck, EncodedExtension.subjectKeyIdentifier(profile.publicKey),
                issuer.authorityKeyIdentifierExtension,
            ], signedBy: issuer.publicKey.kind)
    }

    private static func extensions(of profile: AuthorityProfile) -> [[UInt8]] {
        [
            EncodedExtension.authority(pathLength: profile.pathLength), EncodedExtension.authorityKeyUsage,
            EncodedExtension.subjectKeyIdentifier(profile.publicKey),
        ]
    }

    private init(
        serial: SerialNumber, issuer: [UInt8], validity: Validity, subject: [UInt8], publicKey: SubjectPublicKey,
        extensions: [[UInt8]], signedBy issuerKey: SubjectPublicKey.Kind
    ) {
        signatureAlgorithm = X509SignatureAlgorithm(issuerKey: issuerKey)
        toBeSigned =
            CertificateContents(
                serial: serial, algorithm: signatureAlgorithm, issuer: issuer, validity: validity, subject: subject,
                publicKey: publicKey, extensions: extensions
            ).encoded
        self.issuerKey = issuerKey
    }

    /// The certificate. Whether the signature is valid is not checked, only that it can be one of that key: see
    /// `X509Certificate.isSigned(by:)`.
    ///
    /// - Parameter signature: as X.509 has it: 64 bytes for Ed25519, the DER of `ECDSA-Sig-Value`, the modulus length for RSA.
    package func signed(_ signature: [UInt8]) throws(SignatureEncodingError) -> X509Certificate {
        guard issuerKey.canHaveMade(signature) else { throw .notOfThisKey }
        let der = element(.sequence, toBeSigned, signatureAlgorithm.encoded, bitStringElement(signature))
        return X509Certificate(der: der, toBeSigned: toBeSigned, algorithm: signatureAlgorithm, signature: signature)
    }
}
