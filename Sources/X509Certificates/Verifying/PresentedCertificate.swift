// SPDX-License-Identifier: Apache-2.0

import SwiftASN1
import X509

package import struct FoundationEssentials.Date

/// What a certificate says that was presented in a TLS handshake, which proves that the other end holds its key. Who signed it
/// is to be asked here.
package struct PresentedCertificate: Sendable {
    package let serial: SerialNumber
    /// The only common name of the subject; nil where there is none or several.
    package let commonName: String?
    package let names: SubjectNames
    private let usage: ExtendedKeyUsageField?
    private let isCA: Bool
    private let validity: Validity
    private let issuerName: [UInt8]
    private let certificate: X509Certificate

    /// Nil unless it is a certificate as our CAs write them.
    package init?(der: [UInt8]) {
        guard let presented = try? Self(decoding: der) else { return nil }
        self = presented
    }

    private init(decoding der: [UInt8]) throws {
        let (node, outerAlgorithm, signature) = try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
            (try nodes.required(), try nodes.required(), try nodes.required().wholeBytes())
        }
        let fields = try CertificateFields(node)
        guard let algorithm = X509SignatureAlgorithm(encoded: outerAlgorithm.encodedBytes),
            fields.algorithm.elementsEqual(outerAlgorithm.encodedBytes),
            let serial = SerialNumber(magnitude: fields.serial)
        else { throw UnexpectedDER() }
        func value(_ identifier: ASN1ObjectIdentifier) -> ArraySlice<UInt8>? {
            fields.extensions.first { $0.identifier == identifier }?.value
        }
        let attributes = try NameAttribute.list(fields.subject)
        self.serial = serial
        commonName = attributes.count == 1 && attributes[0].identifier == NameAttribute.commonName ? attributes[0].text : nil
        names = try value(.X509ExtensionID.subjectAlternativeName).map { try SubjectNames(generalNames: $0) } ?? SubjectNames()
        usage = try value(.X509ExtensionID.extendedKeyUsage).map { try ExtendedKeyUsageField($0) }
        isCA = try value(.X509ExtensionID.basicConstraints).map { try BasicConstraintsField($0).isCA } ?? false
        validity = fields.validity
        issuerName = Array(fields.issuer)
        certificate = X509Certificate(
            der: der, toBeSigned: Array(node.encodedBytes), algorithm: algorithm, signature: Array(signature))
    }

    package var der: [UInt8] { certificate.der }

    /// By name and signature; no CA stands between the two. A CA certificate is none that anybody presents.
    package func isIssued(by issuer: IssuerCertificate) -> Bool {
        !isCA && issuerName == issuer.subjectName && certificate.isSigned(by: issuer)
    }

    /// Whether it is for clients of TLS, and accepted in that second (RFC 5280 §4.1.2.5: the last one included).
    package func isForClients(at time: Date) -> Bool {
        usage?.purposes.contains(ExtendedKeyUsageField.clientAuth) == true && validity.notBefore.date <= time
            && time < validity.notAfter.date.addingTimeInterval(1)
    }
}
