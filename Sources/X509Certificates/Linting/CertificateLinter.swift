// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

/// Reads the final to-be-signed bytes again and holds every field against what was intended, so that neither a defect of the
/// builder nor a trick in a request reaches the signer.
package enum CertificateLinter {
    /// An end-entity certificate under `issuer`.
    package static func check(
        _ toBeSigned: [UInt8], says profile: CertificateProfile, issuer: IssuerCertificate
    ) throws(LintError) {
        var extensions = ExpectedExtensions()
        extensions.expect(.basicConstraints, critical: true) {
            try BasicConstraintsField($0) == BasicConstraintsField(isCA: false, pathLength: nil)
        }
        extensions.expect(.keyUsage, critical: true) { try KeyUsageField($0) == .digitalSignature }
        extensions.expect(.extendedKeyUsage, critical: false) {
            let server = profile.usage.contains(.server) ? [ExtendedKeyUsageField.serverAuth] : []
            let client = profile.usage.contains(.client) ? [ExtendedKeyUsageField.clientAuth] : []
            return try ExtendedKeyUsageField($0) == ExtendedKeyUsageField(purposes: server + client)
        }
        if !profile.names.isEmpty {
            extensions.expect(.subjectAlternativeName, critical: profile.subject.isEmpty) {
                try GeneralNameField.list($0) == GeneralNameField.list(profile.names)
            }
        }
        extensions.expectKeyIdentifiers(of: profile.publicKey, issuer: issuer)
        extensions.expect(profile.statusSource)
        let fields = try fields(of: toBeSigned)
        try check(
            fields, serial: profile.serial, validity: profile.validity, subject: profile.subject,
            publicKey: profile.publicKey, issuer: issuer)
        try extensions.check(fields.extensions)
    }

    /// A certificate of an OCSP responder under `issuer`.
    package static func check(
        _ toBeSigned: [UInt8], says profile: ResponderProfile, issuer: IssuerCertificate
    ) throws(LintError) {
        var extensions = ExpectedExtensions()
        extensions.expect(.basicConstraints, critical: true) {
            try BasicConstraintsField($0) == BasicConstraintsField(isCA: false, pathLength: nil)
        }
        extensions.expect(.keyUsage, critical: true) { try KeyUsageField($0) == .digitalSignature }
        extensions.expect(.extendedKeyUsage, critical: false) {
            try ExtendedKeyUsageField($0) == ExtendedKeyUsageField(purposes: [ExtendedKeyUsageField.ocspSigning])
        }
        extensions.expect(.ocspNoCheck, critical: false, isNull)
        extensions.expectKeyIdentifiers(of: profile.publicKey, issuer: issuer)
        let fields = try fields(of: toBeSigned)
        try check(
            fields, serial: profile.serial, validity: profile.validity, subject: Subject(profile.commonName),
            publicKey: profile.publicKey, issuer: issuer)
        try extensions.check(fields.extensions)
    }

    /// A CA certificate under `issuer`; under itself where that is nil.
    package static func check(
        _ toBeSigned: [UInt8], says profile: AuthorityProfile, issuer: IssuerCertificate?
    ) throws(LintError) {
        var extensions = ExpectedExtensions()
        extensions.expect(.basicConstraints, critical: true) {
            try BasicConstraintsField($0) == BasicConstraintsField(isCA: true, pathLength: profile.pathLength)
        }
        extensions.expect(.keyUsage, critical: true) { try KeyUsageField($0) == [.keyCertSign, .cRLSign] }
        extensions.expectKeyIdentifiers(of: profile.publicKey, issuer: issuer)
        let fields = try fields(of: toBeSigned)
        try check(
            fields, serial: profile.serial, validity: profile.validity, subject: Subject(profile.commonName),
            publicKey: profile.publicKey, issuer: issuer)
        try extensions.check(fields.extensions)
        if let limit = issuer?.pathLength, profile.pathLength >= limit { throw .issuerCannotSign }
    }

    private static func fields(of toBeSigned: [UInt8]) throws(LintError) -> CertificateFields {
        try decoding(orThrow: LintError.malformed) {
            do {
                return try CertificateFields(DER.parse(toBeSigned))
            } catch let error as CertificateSyntaxError {
                throw LintError.syntax(error)
            }
        }
    }

    private static func check(
        _ fields: CertificateFields, serial: SerialNumber, validity: Validity, subject: Subject,
        publicKey: SubjectPublicKey, issuer: IssuerCertificate?
    ) throws(LintError) {
        let issuerKey = issuer?.publicKey ?? publicKey
        let algorithm = X509SignatureAlgorithm(issuerKey: issuerKey.kind)
        let issuerName = issuer?.subjectName ?? Array(fields.subject.encodedBytes)
        let checks: [(CertificateField, Bool)] = [
            (.serialNumber, SerialNumber(magnitude: fields.serial) == serial),
            (.signatureAlgorithm, X509SignatureAlgorithm(encoded: fields.algorithm) == algorithm),
            (.subject, says(fields.subject, subject)),
            (.issuer, fields.issuer.elementsEqual(issuerName)),
            (.notBefore, fields.validity.notBefore == validity.notBefore),
            (.notAfter, fields.validity.notAfter == validity.notAfter),
            (.publicKey, fields.publicKey.encodedBytes.elementsEqual(publicKey.subjectPublicKeyInfo)),
        ]
        for (field, isAsIntended) in checks where !isAsIntended { throw .differs(field) }
        if let issuer, !issuer.validity.contains(fields.validity) { throw .outsideIssuerValidity }
    }

    private static func says(_ name: ASN1Node, _ subject: Subject) -> Bool {
        guard let attributes = try? NameAttribute.list(name) else { return false }
        var expected = subject.organizations.map { (NameAttribute.organization, $0.text) }
        if let commonName = subject.commonName { expected.append((NameAttribute.commonName, commonName.text)) }
        return attributes.count == expected.count
            && zip(attributes, expected).allSatisfy { attribute, expected in
                guard attribute.identifier == expected.0, let text = try? attribute.value.primitive(.utf8String) else {
                    return false
                }
                return text.elementsEqual(expected.1.utf8)
            }
    }
}
