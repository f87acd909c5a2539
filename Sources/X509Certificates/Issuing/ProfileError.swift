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
        }
    }
}
