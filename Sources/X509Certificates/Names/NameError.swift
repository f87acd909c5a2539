// SPDX-License-Identifier: Apache-2.0

/// Why something is not a name that we put into a certificate. The text is the refused name.
package enum NameError: Error, Hashable, CustomStringConvertible {
    case dns(String, DNSFault)
    case ip(String)
    case email(String)
    case uri(String)
    case spiffeID(String)
    case commonName(String)
    case organization(String)
    /// A SPIFFE ID is the only URI of its certificate (X509-SVID §2).
    case spiffeIDNotAlone(String)
    case duplicate(String)
    case tooMany(limit: Int)

    package enum DNSFault: Hashable, Sendable {
        case empty
        case tooLong
        case notASCII
        case upperCase
        case wildcard
        case trailingDot
        case address
        case malformed
    }

    package var description: String {
        switch self {
        case .dns(let name, let fault): "`\(ASCII.printable(name))` \(fault.reason)"
        case .ip(let name): "`\(ASCII.printable(name))` is not an IP address in its usual form"
        case .email(let name):
            "`\(ASCII.printable(name))` is not an e-mail address of ASCII letters, digits and `._+-`, with a lower-case domain"
        case .uri(let name):
            "`\(ASCII.printable(name))` is not an absolute URI in lower-case scheme and host, without query or `%`"
        case .spiffeID(let name): "`\(ASCII.printable(name))` is not a SPIFFE ID such as `spiffe://example.com/web`"
        case .commonName(let name):
            "`\(ASCII.printable(name))` is not a common name of 1 to 64 printable ASCII characters without `*`"
        case .organization(let name):
            "`\(ASCII.printable(name))` is not an organization of 1 to 64 printable ASCII characters without `*`"
        case .spiffeIDNotAlone(let name): "`\(ASCII.printable(name))` is a SPIFFE ID, which must be the only URI"
        case .duplicate(let name): "`\(ASCII.printable(name))` is named twice"
        case .tooMany(let limit): "there are more than \(limit) names"
        }
    }
}

extension NameError.DNSFault {
    fileprivate var reason: String {
        switch self {
        case .empty: "is an empty DNS name"
        case .tooLong: "is longer than 253 characters"
        case .notASCII: "is not ASCII; write international names in their `xn--` form"
        case .upperCase: "has capitals; write DNS names in lower case"
        case .wildcard: "is a wildcard; ask for each name"
        case .trailingDot: "ends in a dot; leave it out"
        case .address: "is an IP address, not a DNS name; ask for it as an IP address"
        case .malformed: "is not a DNS name of labels of letters, digits and hyphens"
        }
    }
}
