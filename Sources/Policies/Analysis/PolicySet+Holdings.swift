// SPDX-License-Identifier: Apache-2.0

import StrictYAML

package import struct FoundationEssentials.Date

/// A role that somebody has by a rule: now, or at another time or place, after another login, or once others agree.
package struct Holding: Sendable, Hashable {
    package let role: String
    /// Id of the allow rule, and where it stands.
    package let rule: String
    package let place: String
    /// What certificates of the role say, or what it lets do: in words.
    package let gives: [String]
    /// What in the rule means them: in words.
    package let through: [String]
    /// When, from where, after which login, with which reason.
    package let conditions: [String]
    /// Steps in words; nil: at once.
    package let approval: String?
    package let isBreakGlass: Bool
    /// Capabilities are used without a certificate, so that the log does not tell who used them.
    package let givesCapabilities: Bool
    /// Deny rules that take it away at times.
    package let unless: [String]
    /// Seconds; nil for a role of capabilities alone.
    package let longestLifetime: Int?
}

extension PolicySet {
    /// What an identity holds, by role and rule. What is not known of second factor, login and address counts as met: those
    /// are matters of the moment.
    /// - Returns: also the ids of rules that they may hold more by, for their groups or claims are not known.
    package func holdings(of identity: Identity, at instant: Date) -> (held: [Holding], unclear: Set<String>) {
        let asker = Asker(identity, groups: groups, at: instant)
        var (held, unclear): ([Holding], Set<String>) = ([], [])
        for rule in allows {
            let mismatches = rule.condition.mismatches(asker)
            guard mismatches.allSatisfy(\.mayChange) else { continue }
            if mismatches.contains(where: \.isOfWhoTheyAre) {
                unclear.insert(rule.reference.id)
                continue
            }
            for name in rule.roles.sorted() {
                guard let role = roles[name] else { continue }
                let denying = denies.filter { $0.roles.contains(name) && $0.condition.mayEverHold(asker) }
                // Denied whatever the time, place and login.
                guard !denying.contains(where: { $0.condition.alwaysHolds(asker) }) else { continue }
                held.append(holding(role, rule, denying, asker))
            }
        }
        return (held.sorted { ($0.role, $0.rule) < ($1.role, $1.rule) }, unclear)
    }

    private func holding(_ role: Role, _ rule: AllowRule, _ denying: [DenyRule], _ asker: Asker) -> Holding {
        let who = rule.condition.who
        var conditions = rule.condition.placeAndTime + who.loginWords
        conditions += [rule.reason?.words("reason"), rule.ticket?.words("ticket")].compactMap(\.self)
        return Holding(
            role: role.name, rule: rule.reference.id, place: rule.reference.position.fileAndLine,
            gives: role.rightsInWords(for: asker.identity), through: who.reasons(asker), conditions: conditions,
            approval: rule.approval?.description, isBreakGlass: rule.approval?.isBreakGlass ?? false,
            givesCapabilities: !role.capabilities.isEmpty,
            unless: denying.map { deny in
                let words = deny.condition.who.loginWords + deny.condition.placeAndTime
                return (words.isEmpty ? "" : words.joined(separator: ", and ") + " ") + "(\(deny.reference))"
            },
            longestLifetime: role.kinds.isEmpty ? nil : rule.lifetime.map { Int($0.maximum.components.seconds) })
    }

    /// Everybody whom rules and groups name one by one, whether there is such a person or not.
    package var namedUsers: Set<String> {
        var named = allows.reduce(into: Set<String>()) { $0.formUnion($1.condition.who.users) }
        for group in definedGroups {
            named.formUnion(group.members)
            named.formUnion(group.rotation?.everybody ?? [])
        }
        return named
    }

    package var ruleSummaries: [RuleSummary] {
        allows.map { rule in
            let who = rule.condition.who
            var open: String?
            if who.isEveryone {
                open = "everyone"
            } else if !who.userDomains.isEmpty {
                open = "everybody of " + who.userDomains.sorted().joined(separator: ", ")
            } else if who.users.isEmpty, who.groups.isEmpty {
                open = "whoever has these claims"
            }
            return RuleSummary(
                id: rule.reference.id, place: rule.reference.position.fileAndLine, roles: rule.roles.sorted(),
                who: who.words { _ in [] }.joined(separator: ", and "), openTo: open, namedUsers: who.users.sorted(),
                approval: rule.approval?.description, isBreakGlass: rule.approval?.isBreakGlass ?? false,
                capabilityRoles: rule.roles.filter { roles[$0]?.capabilities.isEmpty == false })
        }
    }
}

/// An allow rule for an overview.
package struct RuleSummary: Sendable, Hashable {
    package let id: String
    package let place: String
    package let roles: [String]
    package let who: String
    /// Whom it means beyond those that can be listed; nil: those who hold it can be listed.
    package let openTo: String?
    package let namedUsers: [String]
    package let approval: String?
    package let isBreakGlass: Bool
    package let capabilityRoles: Set<String>
}

extension Mismatch {
    /// Not a matter of the moment: who they are is not known.
    fileprivate var isOfWhoTheyAre: Bool {
        switch self {
        case .groupsUnknown, .claimUnknown: true
        default: false
        }
    }
}

extension Condition {
    /// Whether there can be a time, a place and a login at which it holds.
    fileprivate func mayEverHold(_ asker: Asker) -> Bool { mismatches(asker).allSatisfy(\.mayChange) }

    fileprivate func alwaysHolds(_ asker: Asker) -> Bool {
        guard windows.isEmpty, networks.isEmpty, who.mfa == nil, who.authenticatedWithin == nil else { return false }
        return mismatches(asker).isEmpty
            && (who.groups.isEmpty || asker.turns.allSatisfy { $0.groups.isDisjoint(with: who.groups) })
    }
}

extension Who {
    fileprivate var loginWords: [String] {
        Who(provider: provider, claims: claims, mfa: mfa, authenticatedWithin: authenticatedWithin).words { _ in [] }
    }

    /// What in it means this identity.
    fileprivate func reasons(_ asker: Asker) -> [String] {
        if isEveryone { return ["everyone"] }
        var found: [String] = []
        if let user = asker.identity.user, users.contains(user) { found.append("named in the rule") }
        if let domain = asker.domain, userDomains.contains(domain) { found.append("*@\(domain)") }
        for group in groups.intersection(asker.groupsAtAnyTime).sorted() {
            found.append("group \(group)" + (asker.groups.contains(group) ? "" : " in turn"))
        }
        if found.isEmpty { found.append("claims of \(asker.identity.provider)") }
        return found
    }
}

extension Role {
    /// In words, with what is known of the identity filled in.
    fileprivate func rightsInWords(for identity: Identity) -> [String] {
        var words: [String] = []
        func hosts(_ zones: [Zone]) -> String {
            zones.map { "\($0.name) (\($0.hosts.map(\.text).joined(separator: ", ")))" }.joined(separator: ", ")
        }
        if let ssh {
            if !ssh.logins.isEmpty {
                let logins = (try? ssh.logins.expanded(for: identity, as: .login)) ?? ssh.logins.map(\.text)
                words.append("SSH as \(logins.sorted().joined(separator: ", ")) on \(hosts(ssh.zones))")
            }
            if !ssh.principals.isEmpty { words.append("SSH with principals \(ssh.principals.joined(separator: ", "))") }
            if let command = ssh.forceCommand { words.append("only the command \(command)") }
        }
        if let sshHost { words.append("SSH host certificates for \(hosts(sshHost.zones))") }
        if let x509 {
            let names =
                (x509.commonName.map { ["CN=\($0.text)"] } ?? []) + x509.organizations.map { "O=\($0.text)" }
                + (x509.dns + x509.emails + x509.uris).map(\.text) + x509.ips.map(\.description)
            words.append(
                "X.509 as \(x509.usage.map(\.rawValue).sorted().joined(separator: " and ")) for "
                    + names.joined(separator: ", "))
        }
        if !capabilities.isEmpty {
            words.append("the service: " + capabilities.map(\.rawValue).sorted().joined(separator: ", "))
        }
        return words
    }
}
