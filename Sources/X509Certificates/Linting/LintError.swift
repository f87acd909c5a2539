// SPDX-License-Identifier: Apache-2.0

/// What final to-be-signed bytes say that was not intended. Seeing one is a defect of ours or an attack, never a mistake of
/// the requester: nothing may be signed.
package enum LintError: Error, Hashable, CustomStringConvertible {
    case malformed
    case syntax(CertificateSyntaxError)
    /// The field is there, and says something else.
    case differs(CertificateField)
    case missing(CertificateField)
    /// By object identifier.
    case unexpectedExtension(String)
    /// Critical and must not be, or the other way around.
    case criticality(CertificateField)
    case outsideIssuerValidity
    case issuerCannotSign

    package var description: String {
        switch self {
        case .malformed: "the bytes to be signed are not a certificate in DER"
        case .syntax(let error): "the certificate to be signed is malformed: \(error)"
        case .differs(let field): "the certificate to be signed says another \(field.rawValue) than intended"
        case .missing(let field): "the certificate to be signed lacks the \(field.rawValue)"
        case .unexpectedExtension(let identifier):
            "the certificate to be signed has the extension `\(identifier)`, which nobody asked for"
        case .criticality(let field): "the certificate to be signed has the wrong criticality for the \(field.rawValue)"
        case .outsideIssuerValidity: "the certificate to be signed is valid outside the validity of its CA"
        case .issuerCannotSign: "the issuing CA may not sign such a certificate"
        }
    }
}

package enum CertificateField: String, Sendable, CaseIterable {
    case serialNumber = "serial number"
    case signatureAlgorithm = "signature algorithm"
    case issuer
    case notBefore = "begin of validity"
    case notAfter = "end of validity"
    case subject
    case publicKey = "public key"
    case basicConstraints = "basic constraints"
    case keyUsage = "key usage"
    case extendedKeyUsage = "extended key usage"
    case subjectAlternativeName = "subject alternative name"
    case subjectKeyIdentifier = "subject key identifier"
    case authorityKeyIdentifier = "authority key identifier"
    case distributionPoints = "CRL distribution points"
    case authorityInformationAccess = "authority information access"
    case noRevocationAvailable = "statement that there is no revocation"
    case ocspNoCheck = "statement that the responder is not checked"
}
