// SPDX-License-Identifier: Apache-2.0

import Crypto
import SwiftASN1
import X509

/// Whose key signs responses: the CA, or a key to which it delegated that.
package struct OCSPResponder: Sendable {
    package let publicKey: SubjectPublicKey
    /// Of a delegate: what every response of its carries.
    package let certificate: [UInt8]?
    let validity: Validity
    /// `KeyHash` (RFC 6960 §4.2.1).
    let keyHash: [UInt8]

    /// The CA itself. GnuTLS then needs to be told the signer, as it takes the SHA-1 of a key for a subject key identifier,
    /// which ours is not.
    package init(authority: IssuerCertificate) {
        publicKey = authority.publicKey
        certificate = nil
        validity = authority.validity
        keyHash = Self.keyHash(authority.publicKey)
    }

    /// A delegate.
    ///
    /// - Parameters:
    ///   - certificate: DER, as `UnsignedCertificate.ocspResponder` makes them.
    ///   - issuer: the CA whose certificates it answers for.
    package init(certificate der: [UInt8], issuer: IssuerCertificate) throws(OCSPResponderError) {
        self = try decoding(orThrow: OCSPResponderError.malformed) { try Self(decoding: der, issuer: issuer) }
    }

    private init(decoding der: [UInt8], issuer: IssuerCertificate) throws {
        let (node, algorithm, signature) = try DER.sequence(DER.parse(der), identifier: .sequence) { nodes in
            (try nodes.required(), try nodes.required(), try nodes.required().wholeBytes())
        }
        let fields = try CertificateFields(node)
        guard let known = X509SignatureAlgorithm(encoded: algorithm.encodedBytes),
            fields.algorithm.elementsEqual(algorithm.encodedBytes), fields.issuer.elementsEqual(issuer.subjectName),
            issuer.publicKey.verifies(signature, over: node.encodedBytes, with: known)
        else { throw OCSPResponderError.notIssuedByAuthority }
        func value(_ identifier: ASN1ObjectIdentifier) -> ArraySlice<UInt8>? {
            fields.extensions.first { $0.identifier == identifier }?.value
        }
        guard let usage = try value(.X509ExtensionID.keyUsage).map(KeyUsageField.init), usage == .digitalSignature,
            let purposes = try value(.X509ExtensionID.extendedKeyUsage).map(ExtendedKeyUsageField.init),
            purposes == ExtendedKeyUsageField(purposes: [ExtendedKeyUsageField.ocspSigning]),
            try value(.ocspNoCheck).map(isNull) == true
        else { throw OCSPResponderError.notForResponses }
        do throws(PublicKeyError) {
            publicKey = try SubjectPublicKey(subjectPublicKeyInfo: Array(fields.publicKey.encodedBytes))
        } catch {
            throw OCSPResponderError.publicKey(error)
        }
        certificate = der
        validity = fields.validity
        keyHash = Self.keyHash(publicKey)
    }

    private static func keyHash(_ key: SubjectPublicKey) -> [UInt8] { Array(Insecure.SHA1.hash(data: Array(key.keyBits))) }
}

package enum OCSPResponderError: Error, Hashable, CustomStringConvertible {
    case malformed
    case notIssuedByAuthority
    case notForResponses
    case publicKey(PublicKeyError)

    package var description: String {
        switch self {
        case .malformed: "the OCSP responder's certificate is not a certificate in DER"
        case .notIssuedByAuthority: "the OCSP responder's certificate was not issued by the CA that it answers for"
        case .notForResponses: "the certificate is not one of an OCSP responder"
        case .publicKey(let error): "the OCSP responder's certificate cannot be used: \(error)"
        }
    }
}
