// SPDX-License-Identifier: Apache-2.0

package import struct FoundationEssentials.Date

/// Everything that a response will say, but for who signs it.
package struct OCSPResponseProfile: Hashable, Sendable {
    package let answers: [OCSPAnswer]
    /// That of the request; nil where it had none.
    package let nonce: OCSPNonce?
    let producedAt: CertificateTime

    /// - Parameters:
    ///   - answers: 1 to 20.
    ///   - producedAt: in whole seconds.
    package init(_ answers: [OCSPAnswer], producedAt: Date, nonce: OCSPNonce?) throws(OCSPResponseError) {
        guard (1...OCSPRequest.maximumCertificates).contains(answers.count) else { throw .answers }
        guard let producedAt = CertificateTime(producedAt) else { throw .time }
        self.answers = answers
        self.producedAt = producedAt
        self.nonce = nonce
    }
}

/// Why such a response is not built.
package enum OCSPResponseError: Error, Hashable, CustomStringConvertible {
    case answers
    /// Not a whole second, or outside 1950 to 9999.
    case time
    case endsBeforeItBegins
    /// A certificate is not revoked for being taken back.
    case reason
    case outsideResponderValidity

    package var description: String {
        switch self {
        case .answers: "an OCSP response answers for 1 to 20 certificates"
        case .time: "a time is not a whole second between 1950 and 9999"
        case .endsBeforeItBegins: "an answer would end before it begins"
        case .reason: "`removeFromList` is no reason for a revocation"
        case .outsideResponderValidity: "the response would be produced outside the validity of its responder's certificate"
        }
    }
}

/// A response without answers, which is not signed (RFC 6960 §4.2.1).
package enum OCSPErrorResponse: UInt8, Sendable, CaseIterable {
    case malformedRequest = 1
    case internalError = 2
    case tryLater = 3
    /// Not a CA that we answer for (RFC 5019 §2.2.3).
    case unauthorized = 6

    package var der: [UInt8] { element(.sequence, element(.enumerated, [rawValue])) }
}
