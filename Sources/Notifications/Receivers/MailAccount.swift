// SPDX-License-Identifier: Apache-2.0

/// A mail server that takes our messages, and who gets them.
package struct MailAccount: Sendable {
    package enum Security: String, Sendable, CaseIterable {
        /// RFC 3207; a server that does not offer it is not used.
        case startTLS = "starttls"
        /// RFC 8314 §3.3.
        case implicit
        /// Only on this machine, and never with a password.
        case none
    }

    /// For AUTH PLAIN (RFC 4616).
    package struct Credentials: Sendable {
        package let username: String
        package let password: String

        package init(username: String, password: String) {
            self.username = username
            self.password = password
        }
    }

    package let host: String
    package let port: Int
    package let security: Security
    package let credentials: Credentials?
    package let from: MailAddress
    /// Gets every message. May be empty where `peopleOf` is not.
    package let to: [MailAddress]
    /// People whom a notice concerns get it too if their user name is an address in one of these domains, in small letters.
    package let peopleOf: Set<String>

    package init(
        host: String, port: Int, security: Security, credentials: Credentials?, from: MailAddress, to: [MailAddress],
        peopleOf: Set<String> = []
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.credentials = credentials
        self.from = from
        self.to = to
        self.peopleOf = peopleOf
    }

    /// The people this notice concerns who are not among `to` anyway.
    package func people(of notice: Notice) -> [MailAddress] {
        notice.people.compactMap(MailAddress.init).filter { $0.isOf(peopleOf) && !to.contains($0) }
    }
}

/// An address of RFC 5321 §4.1.2 without quoting, comments or a domain literal: a dot-string, `@`, a domain name; ASCII.
package struct MailAddress: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    package var description: String { text }

    package var domain: Substring { text[text.index(after: text.firstIndex(of: "@") ?? text.startIndex)...] }

    func isOf(_ domains: Set<String>) -> Bool { domains.contains(domain.lowercased()) }

    package init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), (1...253).contains(parts[1].utf8.count) else {
            return nil
        }
        func isDotted(_ part: Substring, _ special: String) -> Bool {
            part.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
                !atom.isEmpty
                    && atom.unicodeScalars.allSatisfy { scalar in
                        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                            || special.unicodeScalars.contains(scalar)
                    }
            }
        }
        guard isDotted(parts[0], "!#$%&'*+-/=?^_`{|}~"), isDotted(parts[1], "-") else { return nil }
        self.text = text
    }
}
