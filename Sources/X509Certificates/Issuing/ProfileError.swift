// SPDX-License-Identifier: Apache-2.0

/// Why a certificate with such contents is not built.
package enum ProfileError: Error, Hashable, CustomStringConvertible {
    case serialNumber
    /// Not a whole second, or outside 1950 to 9999.
    case time
    case endsBeforeItBegins
    case name(NameError)
    case noUsage
    /// It would name nobody.
    case noName
    /// TLS clients look for the server in the alternative names only (RFC 9525 §2).
    case serverWithoutAlternativeName
    /// An issuer must allow longer paths than what it issues.
    case pathLength
    case outsideIssuerValidity
    /// Where revocation status is published; the text is what was refused.
    case statusAddress(String)
    case tooManyStatusAddresses(limit: Int)
    /// A responder certificate is never revoked, so it is short-lived.
    case responderLivesTooLong

    package var description: String {
        switch self {
        case .serialNumber: "the serial number is not 128 random bits"
        case .time: "a validity time is not a whole second between 1950 and 9999"
        case .endsBeforeItBegins: "the certificate would end before it begins"
        case .name(let error): error.description
        case .noUsage: "the certificate has no usage"
        case .noName: "the certificate names nobody"
        case .serverWithoutAlternativeName: "a server's certificate needs a DNS name, IP address or URI"
        case .pathLength: "the issuing CA may not issue such a CA certificate"
        case .outsideIssuerValidity: "the certificate would be valid outside the validity of its CA"
        case .statusAddress(let text): "`\(ASCII.printable(text))` is not an `http:` address with a host, or is there twice"
        case .tooManyStatusAddresses(let limit): "revocation lists are named in more than \(limit) places"
        case .responderLivesTooLong: "a certificate that signs OCSP responses may live for 7 days at most"
        }
    }
}
