// SPDX-License-Identifier: Apache-2.0

/// The exact bytes of a response that the responder's key is to sign.
package struct UnsignedOCSPResponse: Hashable, Sendable {
    /// `ResponseData` (RFC 6960 §4.2.1).
    package let toBeSigned: [UInt8]
    package let signatureAlgorithm: X509SignatureAlgorithm
    private let responderKey: SubjectPublicKey.Kind
    private let certificate: [UInt8]?

    package init(_ profile: OCSPResponseProfile, responder: OCSPResponder) throws(OCSPResponseError) {
        let moment = Validity(notBefore: profile.producedAt, notAfter: profile.producedAt)
        guard responder.validity.contains(moment) else { throw .outsideResponderValidity }
        responderKey = responder.publicKey.kind
        certificate = responder.certificate
        signatureAlgorithm = X509SignatureAlgorithm(issuerKey: responderKey)
        toBeSigned = element(
            .sequence,
            // Version 1 is the default, which is left out.
            element(.explicit2, element(.octetString, responder.keyHash)), profile.producedAt.encodedAsGeneralizedTime,
            element(.sequence, profile.answers.flatMap(Self.encode)),
            profile.nonce.map { element(.explicit1, element(.sequence, EncodedExtension.ocspNonce($0.bytes))) } ?? [])
    }

    /// The response. Whether the signature is valid is not checked, only that it can be one of that key.
    ///
    /// - Parameter signature: as X.509 has it; see `UnsignedCertificate.signed(_:)`.
    package func signed(_ signature: [UInt8]) throws(SignatureEncodingError) -> SignedOCSPResponse {
        guard responderKey.canHaveMade(signature) else { throw .notOfThisKey }
        let basic = element(
            .sequence, toBeSigned, signatureAlgorithm.encoded, bitStringElement(signature),
            certificate.map { element(.explicit0, element(.sequence, $0)) } ?? [])
        let identifier: [UInt8] = [0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01]
        return SignedOCSPResponse(
            der: element(
                .sequence, element(.enumerated, [0]),
                element(.explicit0, element(.sequence, identifier, element(.octetString, basic)))))
    }

    /// `SingleResponse`.
    private static func encode(_ answer: OCSPAnswer) -> [UInt8] {
        let status: [UInt8] =
            switch answer.claim {
            case .good: element(.context0)
            case .revoked(let time, let reason):
                element(
                    .explicit1, time.encodedAsGeneralizedTime,
                    reason == .unspecified ? [] : element(.explicit0, element(.enumerated, [reason.rawValue])))
            case .unknown: [0x82, 0x00]
            }
        return element(
            .sequence, answer.certificate.encoded, status, answer.thisUpdate.encodedAsGeneralizedTime,
            element(.explicit0, answer.nextUpdate.encodedAsGeneralizedTime))
    }
}

/// A finished response.
package struct SignedOCSPResponse: Hashable, Sendable {
    package let der: [UInt8]
}
