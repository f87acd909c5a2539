// SPDX-License-Identifier: Apache-2.0

import Crypto
package import FoundationEssentials
import SwiftASN1
import X509

/// A CA certificate, with what every certificate under it repeats ready to be copied.
package struct IssuerCertificate: Sendable {
    package let der: [UInt8]
    /// nil where it is not a positive number of up to 128 bits, as no CA of ours has one.
    package let serial: SerialNumber?
    package let publicKey: SubjectPublicKey
    /// The last common name of the subject, or nothing where there is none.
    package let commonName: String
    /// nil: no limit.
    package let pathLength: Int?
    package let maySignRevocationLists: Bool
    /// `Name` of the subject, as it stands in the certificate.
    let subjectName: [UInt8]
    let keyIdentifier: [UInt8]
    let authorityKeyIdentifierExtension: [UInt8]
    let validity: Validity
    private let certificate: X509Certificate
    private let issuerName: [UInt8]

    private static let understood: Set<ASN1ObjectIdentifier> = [
        .X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage, .X509ExtensionID.subjectKeyIdentifier,
        .X509ExtensionID.authorityKeyIdentifier,
    ]

    /// - Parameter pem: one block labelled `CERTIFICATE`.
    package init(pem: String) throws(IssuerCertificateError) {
        let der: [UInt8]
        do {
            der = try PEM.decode(pem.utf8, labels: ["CERTIFICATE"])
        } catch {
            throw .pem(error)
        }
        try self.init(der: der)
    }

    package init(der: [UInt8]) throws(IssuerCertificateError) {
        self = try decoding(orThrow: IssuerCertificateError.malformed) {
            do {
                return try Self(decoding: der)
            } catch let error as CertificateSyntaxError {
                throw IssuerCertificateError.syntax(error)
            } catch let error as PublicKeyError {
                throw IssuerCertificateError.publicKey(error)
            }
        }
    }

    private init(decoding der: [UInt8]) throws {
        let (node, outerAlgorithm, signature) = try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
            (try nodes.required(), try nodes.required(), try nodes.required().wholeBytes())
        }
        let fields = try CertificateFields(node)
        guard let algorithm = X509SignatureAlgorithm(encoded: outerAlgorithm.encodedBytes),
            fields.algorithm.elementsEqual(outerAlgorithm.encodedBytes)
        else { throw IssuerCertificateError.signatureAlgorithm }
        serial = SerialNumber(magnitude: fields.serial)
        publicKey = try SubjectPublicKey(fields.publicKey)
        // It may limit what the CA may sign, as name constraints do, and we would not keep to it.
        if let unknown = fields.extensions.first(where: { $0.isCritical && !Self.understood.contains($0.identifier) }) {
            throw IssuerCertificateError.unknownCriticalExtension(unknown.identifier.description)
        }
        func value(_ identifier: ASN1ObjectIdentifier) -> ArraySlice<UInt8>? {
            fields.extensions.first { $0.identifier == identifier }?.value
        }
        guard let constraints = try value(.X509ExtensionID.basicConstraints).map(BasicConstraintsField.init),
            constraints.isCA, let usage = try value(.X509ExtensionID.keyUsage).map(KeyUsageField.init),
            usage.contains(.keyCertSign)
        else { throw IssuerCertificateError.notCA }
        guard let identifier = try value(.X509ExtensionID.subjectKeyIdentifier).map(X509Certificates.subjectKeyIdentifier),
            !identifier.isEmpty
        else { throw IssuerCertificateError.noSubjectKeyIdentifier }
        let attributes = try NameAttribute.list(fields.subject)
        // RFC 5280 §4.1.2.6: the subject of a CA is never empty.
        guard !attributes.isEmpty else { throw IssuerCertificateError.noSubject }
        commonName = attributes.last { $0.identifier == NameAttribute.commonName }?.text ?? ""
        pathLength = constraints.pathLength
        maySignRevocationLists = usage.contains(.cRLSign)
        subjectName = Array(fields.subject.encodedBytes)
        issuerName = Array(fields.issuer)
        validity = fields.validity
        keyIdentifier = Array(identifier)
        authorityKeyIdentifierExtension = EncodedExtension.authorityKeyIdentifier(keyIdentifier)
        certificate = X509Certificate(
            der: der, toBeSigned: Array(node.encodedBytes), algorithm: algorithm, signature: Array(signature))
        self.der = der
    }

    package var pem: String { certificate.pem }
    package var subjectPublicKeyInfo: [UInt8] { publicKey.subjectPublicKeyInfo }
    package var keyFingerprint: String { publicKey.fingerprint }
    /// `SHA256:` and base64 without padding, over the DER of the certificate: what a client pins.
    package var fingerprint: String {
        "SHA256:" + Data(SHA256.hash(data: der)).base64EncodedString().prefix { $0 != "=" }
    }
    package var notBefore: Date { validity.notBefore.date }
    /// The last second in which it is accepted.
    package var notAfter: Date { validity.notAfter.date }

    /// Whether that CA issued this one: its name and its signature. A root is issued by itself.
    package func isIssued(by issuer: IssuerCertificate) -> Bool {
        issuerName == issuer.subjectName && certificate.isSigned(by: issuer)
    }
}

package enum IssuerCertificateError: Error, Hashable, CustomStringConvertible {
    case pem(PEMError)
    case malformed
    case syntax(CertificateSyntaxError)
    case publicKey(PublicKeyError)
    case signatureAlgorithm
    /// By object identifier.
    case unknownCriticalExtension(String)
    case notCA
    case noSubjectKeyIdentifier
    case noSubject

    package var description: String {
        switch self {
        case .pem(let error): "the CA certificate \(error)"
        case .malformed: "the CA certificate is not a certificate in DER"
        case .syntax(let error): "the CA certificate is malformed: \(error)"
        case .publicKey(let error): "the CA certificate cannot be used: \(error)"
        case .signatureAlgorithm: "the CA certificate is signed by an algorithm that is not supported, or names two"
        case .unknownCriticalExtension(let identifier):
            "the CA certificate has the critical extension `\(identifier)`, which is not supported"
        case .notCA: "the certificate is not one of a CA that may sign certificates"
        case .noSubjectKeyIdentifier: "the CA certificate has no subject key identifier"
        case .noSubject: "the CA certificate has no subject"
        }
    }
}
