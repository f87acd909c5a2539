// SPDX-License-Identifier: Apache-2.0

/// Where a name goes, and with it which bytes it may have.
enum NamePlace: Hashable, Sendable {
    case login
    /// Also a pattern with `*`.
    case dnsName
    case email
    case uri
    case commonName
    case organization

    /// Whether a value may become part of a name: it must not bring a separator of the place with it.
    func accepts(_ value: String, of variable: TemplateVariable, isWhole: Bool) -> Bool {
        switch self {
        case .login, .commonName:
            accepts(whole: value)
        case .organization:
            // `system:masters` may be written by whoever writes policies, and never come from a claim.
            accepts(whole: value) && !value.utf8.contains(UInt8(ascii: ":"))
        case .dnsName:
            variable == .userDomain
                ? Names.isDNSName(value)
                : value.utf8.allSatisfy { ASCII.isLower($0) || ASCII.isDigit($0) || $0 == UInt8(ascii: "-") } && !value.isEmpty
        case .email:
            isWhole ? accepts(whole: value) : value.consists(ofLettersDigitsAnd: "._-")
        case .uri:
            value.consists(ofLettersDigitsAnd: "._-")
        }
    }

    func accepts(whole name: String) -> Bool {
        switch self {
        case .login: Names.isLogin(name)
        case .dnsName: (try? HostPattern(name)) != nil && IPAddress(name) == nil
        case .email: Names.isEmail(name)
        case .uri: Names.isURI(name)
        case .commonName, .organization: Names.isSubjectPart(name)
        }
    }
}

extension NamePlace: CustomStringConvertible {
    var description: String {
        switch self {
        case .login: "a login"
        case .dnsName: "a DNS name"
        case .email: "an e-mail address"
        case .uri: "a URI"
        case .commonName: "a common name"
        case .organization: "an organization"
        }
    }
}
