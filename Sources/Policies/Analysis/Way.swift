// SPDX-License-Identifier: Apache-2.0

/// One way into a right: an allow rule that gives a role that gives it, and all that must hold. Computed from the rules.
package struct Way: Sendable, Hashable, Encodable {
    package let role: String
    /// Id of the allow rule, and where it stands.
    package let rule: String
    package let place: String
    /// Who may take it: conditions of which all must hold, each in words.
    package let who: [String]
    /// When, from where, with which reason or ticket.
    package let conditions: [String]
    /// Steps in words; nil: at once.
    package let approval: String?
    /// Seconds; nil for a role of capabilities alone.
    package let longestLifetime: Int?
    /// On which servers; nil: where the zones of the role say.
    package let servers: String?
    /// What the certificate is bound to.
    package let restrictions: [String]
    /// Deny rules that take it from some: who, in words.
    package let unless: [String]
    /// Why some of these may take nothing, or all: they could not be compared exactly.
    package let notComparedExactly: String?
}

extension Way: CustomStringConvertible {
    package var description: String {
        var lines = ["role \(role) by \(place) (`\(rule)`)", "  who: " + who.joined(separator: ", and ")]
        if !conditions.isEmpty { lines.append("  when: " + conditions.joined(separator: ", and ")) }
        if let approval { lines.append("  after approval: " + approval) }
        if let longestLifetime { lines.append("  for at most " + PolicyDuration.text(.seconds(longestLifetime))) }
        if let servers { lines.append("  on: " + servers) }
        if !restrictions.isEmpty { lines.append("  bound to: " + restrictions.joined(separator: ", ")) }
        lines += unless.map { "  unless: " + $0 }
        if let notComparedExactly { lines.append("  could not be compared exactly: " + notComparedExactly) }
        return lines.joined(separator: "\n")
    }
}

/// What somebody wants to be able to do.
package enum RightQuestion: Sendable, Hashable {
    /// `login` nil: as anybody.
    case ssh(login: String?, host: HostName)
    case sshHost(HostName)
    /// A DNS name, IP address, e-mail address, URI, common name or organization.
    case x509(String)
    case capability(Capability)
}
