// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicySet {
    /// Every way to a right, by role and rule. What deny rules leave nothing of is left out.
    package func ways(to right: RightQuestion) -> [Way] {
        roles.values.sorted { $0.name < $1.name }.flatMap { role -> [Way] in
            guard let restrictions = role.restrictions(on: right) else { return [] }
            return allows.filter { $0.roles.contains(role.name) }.compactMap { way(role, $0, restrictions) }
        }
    }

    private func way(_ role: Role, _ rule: AllowRule, _ restrictions: [String]) -> Way? {
        let denying: [DenyRule]
        var problem: String?
        do throws(Incomparable) {
            let reach = try reach(of: rule, in: role.name)
            guard reach.gives else { return nil }
            denying = reach.cutBy
        } catch {
            problem = error.reason
            denying = denies.filter {
                $0.roles.contains(role.name) && !$0.condition.who.isDisjoint(with: rule.condition.who)
            }
            guard !denying.contains(where: \.condition.holdsForAll) else { return nil }
        }
        return Way(
            role: role.name, rule: rule.reference.id, place: rule.reference.position.fileAndLine,
            who: rule.condition.who.words(members),
            conditions: rule.condition.placeAndTime
                + [rule.reason?.words("reason"), rule.ticket?.words("ticket")].compactMap(\.self),
            approval: rule.approval?.description,
            longestLifetime: role.kinds.isEmpty ? nil : rule.lifetime.map { Int($0.maximum.components.seconds) },
            restrictions: restrictions,
            unless: denying.map { deny in
                let words = deny.condition.who.words(members) + deny.condition.placeAndTime
                return words.joined(separator: ", and ") + " (\(deny.reference))"
            },
            notComparedExactly: problem)
    }

    /// Users and groups that the policy itself puts into a group; who else the provider says is in it is not known here.
    private func members(of group: String) -> [String] { groups.listing(group) }
}

extension Condition {
    var holdsForAll: Bool { who.isEveryone && networks.isEmpty && windows.isEmpty }
}

extension Who {
    /// Whether nobody can be meant by both: other users, another provider, the opposite second factor.
    func isDisjoint(with other: Who) -> Bool {
        if let provider, let another = other.provider, provider != another { return true }
        if let mfa, let another = other.mfa, mfa != another { return true }
        guard namesUsers, other.namesUsers else { return false }
        func names(_ who: Who, _ user: String) -> Bool {
            who.users.contains(user) || who.userDomains.contains { user.hasSuffix("@\($0)") }
        }
        return !users.contains { names(other, $0) } && !other.users.contains { names(self, $0) }
            && userDomains.isDisjoint(with: other.userDomains)
    }
}

extension Role {
    /// What a certificate of the role is bound to that gives the right; nil when the role does not give it.
    fileprivate func restrictions(on right: RightQuestion) -> [String]? {
        switch right {
        case .ssh(let login, let host): ssh?.restrictions(login: login, host: host)
        case .sshHost(let host): sshHost.flatMap { $0.zones.contains { $0.contains(host) } ? [] : nil }
        case .x509(let name): x509?.restrictions(name: name)
        case .capability(let capability): capabilities.contains(capability) ? [] : nil
        }
    }
}

extension SSHRole {
    fileprivate func restrictions(login: String?, host: HostName) -> [String]? {
        guard zones.contains(where: { $0.contains(host) }) else { return nil }
        let giving = logins.filter { template in login.map { template.mayGive($0) } ?? true }
        guard !giving.isEmpty else { return nil }
        var words: [String] = []
        if !giving.contains(where: \.isLiteral), let login {
            words.append("people whose " + giving.map { "`\($0.text)`" }.joined(separator: " or ") + " is `\(login)`")
        }
        if let forceCommand { words.append("the command `\(forceCommand)`") }
        switch sourceAddress {
        case .requester: words.append("the address of the requester")
        case .networks(let networks): words.append("addresses in " + networks.map(\.description).joined(separator: ", "))
        case nil: break
        }
        if verifyRequired { words.append("a token that checks PIN or fingerprint") }
        if endsSessionAtExpiry { words.append("sessions that end with the certificate") }
        return words
    }
}

extension X509Role {
    fileprivate func restrictions(name: String) -> [String]? {
        let exact = commonName.map { [$0] } ?? []
        let templates = (exact + emails + uris).filter { $0.mayGive(name) } + dns.filter { $0.mayMatch(name) }
        guard !templates.isEmpty || ips.contains(where: { $0.description == name }) else { return nil }
        var words = ["use as " + usage.map(\.rawValue).sorted().joined(separator: " and ")]
        if saysNoRevocation { words.append("certificates that cannot be revoked") }
        if !templates.isEmpty, templates.allSatisfy({ !$0.isLiteral }) {
            words.append("identities for which " + templates.map { "`\($0.text)`" }.joined(separator: " or ") + " is `\(name)`")
        }
        return words
    }
}

extension Template {
    /// Whether some identity has `name` from this template: a value may be anything.
    func mayGive(_ name: String) -> Bool { Wildcard(pattern).matches(name) }

    /// The same for a DNS name, where a value is part of a label, but for the domain of the user; and which may be a pattern.
    fileprivate func mayMatch(_ name: String) -> Bool {
        if parts.contains(.variable(.userDomain)) { return mayGive(name) }
        guard let host = try? HostName(name), let pattern = try? HostPattern(pattern) else { return false }
        return pattern.matches(host)
    }

    private var pattern: String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .variable: "*"
            }
        }.joined()
    }
}
