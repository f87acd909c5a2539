// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
import X509

/// Exactly the extensions that a certificate must have: none missing, none besides, each with its criticality and value.
struct ExpectedExtensions {
    private struct Expectation {
        let isCritical: Bool
        let holds: (ArraySlice<UInt8>) throws -> Bool
    }

    private var expectations: [CertificateField: Expectation] = [:]

    /// - Parameter holds: whether the value is the intended one; throwing means that it is not.
    mutating func expect(
        _ field: CertificateField, critical: Bool, _ holds: @escaping (ArraySlice<UInt8>) throws -> Bool
    ) {
        expectations[field] = Expectation(isCritical: critical, holds: holds)
    }

    /// - Parameter issuer: nil for a certificate that is its own issuer; it has no authority key identifier (RFC 5280 §4.2.1.1).
    mutating func expectKeyIdentifiers(of key: SubjectPublicKey, issuer: IssuerCertificate?) {
        expect(.subjectKeyIdentifier, critical: false) { try subjectKeyIdentifier($0).elementsEqual(key.keyIdentifier) }
        guard let issuer else { return }
        expect(.authorityKeyIdentifier, critical: false) {
            try authorityKeyIdentifier($0).elementsEqual(issuer.keyIdentifier)
        }
    }

    mutating func expect(_ source: StatusSource) {
        switch source {
        case .unstated: break
        case .published(let status):
            if !status.lists.isEmpty {
                expect(.distributionPoints, critical: false) { try distributionPointURIs($0) == status.lists.map(\.text) }
            }
            if let ocsp = status.ocsp {
                expect(.authorityInformationAccess, critical: false) { try ocspURI($0) == ocsp.text }
            }
        case .notAvailable: expect(.noRevocationAvailable, critical: false, isNull)
        }
    }

    /// - Parameter extensions: without duplicates.
    func check(_ extensions: [ExtensionField]) throws(LintError) {
        var missing = expectations
        for found in extensions {
            guard let field = CertificateField(extension: found.identifier),
                let expected = missing.removeValue(forKey: field)
            else { throw .unexpectedExtension(found.identifier.description) }
            guard found.isCritical == expected.isCritical else { throw .criticality(field) }
            guard (try? expected.holds(found.value)) == true else { throw .differs(field) }
        }
        // In the order of declaration, so that the error does not depend on hashing.
        if let field = CertificateField.allCases.first(where: { missing[$0] != nil }) { throw .missing(field) }
    }
}

extension CertificateField {
    fileprivate init?(extension identifier: ASN1ObjectIdentifier) {
        switch identifier {
        case .X509ExtensionID.basicConstraints: self = .basicConstraints
        case .X509ExtensionID.keyUsage: self = .keyUsage
        case .X509ExtensionID.extendedKeyUsage: self = .extendedKeyUsage
        case .X509ExtensionID.subjectAlternativeName: self = .subjectAlternativeName
        case .X509ExtensionID.subjectKeyIdentifier: self = .subjectKeyIdentifier
        case .X509ExtensionID.authorityKeyIdentifier: self = .authorityKeyIdentifier
        case .distributionPoints: self = .distributionPoints
        case .authorityInformationAccess: self = .authorityInformationAccess
        case .noRevocationAvailable: self = .noRevocationAvailable
        case .ocspNoCheck: self = .ocspNoCheck
        default: return nil
        }
    }
}
