// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicySet {
    /// Every way to a right, by role and rule. What deny rules leave nothing of is left out.
    package func ways(to right: RightQuestion) -> [Way] {
        let definitions = groupDefinitions
        return roles.values.sorted { $0.name < $1.name }.flatMap { role -> [Way] in
            role.gifts(of: right).flatMap { gift -> [Way] in
                let rules = gift.people.map { people in
                    (people, RoleRules(self, role: role, for: people == Who() ? nil : people, in: definitions))
                }
                return allows.filter { $0.roles.contains(role.name) }.enumerated().compactMap { place, rule in
                    way(role, rule, gift, definitions) { () throws(Incomparable) in
                        var reaches: [RuleReach] = []
                        for (people, rules) in rules where people.mayBe(rule.condition.who) {
                            reaches.append(try rules.reach(of: place))
                        }
                        return reaches.filter(\.gives)
                    }
                }
            }
        }
    }

    private func way(
        _ role: Role, _ rule: AllowRule, _ gift: Gift, _ definitions: [String: Group],
        _ reaches: () throws(Incomparable) -> [RuleReach]
    ) -> Way? {
        var denying: [DenyRule] = []
        var problem: String?
        do throws(Incomparable) {
            let reaches = try reaches()
            guard !reaches.isEmpty else { return nil }
            for deny in reaches.flatMap(\.cutBy) where !denying.contains(deny) { denying.append(deny) }
        } catch {
            problem = error.reason
            denying = denies.filter {
                $0.roles.contains(role.name) && !$0.condition.who.isDisjoint(with: rule.condition.who)
            }
            guard !denying.contains(where: \.condition.holdsForAll) else { return nil }
        }
        func members(of group: String) -> [String] { definitions[group]?.listing ?? [] }
        return Way(
            role: role.name, rule: rule.reference.id, place: rule.reference.position.fileAndLine,
            who: rule.condition.who.words(members),
            conditions: rule.condition.placeAndTime
                + [rule.reason?.words("reason"), rule.ticket?.words("ticket")].compactMap(\.self),
            approval: rule.approval?.description,
            longestLifetime: role.kinds.isEmpty ? nil : rule.lifetime.map { Int($0.maximum.components.seconds) },
            servers: gift.servers, restrictions: gift.restrictions,
            unless: denying.sorted { $0.reference.id < $1.reference.id }.map { deny in
                let words = deny.condition.who.words(members) + deny.condition.placeAndTime
                return words.joined(separator: ", and ") + " (\(deny.reference))"
            },
            notComparedExactly: problem)
    }
}

extension Group {
    /// Users and groups that the policy itself puts into it, sorted; who else the provider says is in it is not known here.
    fileprivate var listing: [String] {
        (members + (rotation?.everybody ?? []).map { $0 + " in turn" } + groups.map { "group \($0)" }).sorted()
    }
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
        return !users.contains { other.names($0) } && !other.users.contains { names($0) }
            && userDomains.isDisjoint(with: other.userDomains)
    }
}

/// A right that certificates of a role give.
private struct Gift {
    /// To whom, where names are made of what they are called; of several, any.
    var people: [Who] = [Who()]
    /// On which servers, where zones do not say it.
    var servers: String?
    /// What a certificate of the role is bound to.
    var restrictions: [String] = []
}

extension Role {
    /// Empty when the role does not give the right.
    fileprivate func gifts(of right: RightQuestion) -> [Gift] {
        let gifts: [Gift?]
        switch right {
        case .ssh(let login, let host):
            gifts = [ssh?.gift(login: login, host: host), ssh?.giftOfPrincipals(login: login)]
        case .sshHost(let host):
            gifts = [sshHost.flatMap { $0.zones.contains { $0.contains(host) } ? Gift() : nil }]
        case .x509(let name): gifts = [x509?.gift(name: name)]
        case .capability(let capability): gifts = [capabilities.contains(capability) ? Gift() : nil]
        }
        return gifts.compactMap(\.self)
    }
}

extension SSHRole {
    fileprivate func gift(login: String?, host: HostName) -> Gift? {
        guard zones.contains(where: { $0.contains(host) }) else { return nil }
        var gift = Gift()
        if let login {
            let giving = logins.map { (template: $0, people: $0.people(getting: login, as: .login)) }.filter {
                $0.people != nil
            }
            guard !giving.isEmpty else { return nil }
            gift.people = giving.compactMap(\.people)
            if !giving.contains(where: \.template.isLiteral) {
                gift.restrictions.append(
                    "people whose " + giving.map { "`\($0.template.text)`" }.joined(separator: " or ") + " is `\(login)`")
            }
        } else if logins.isEmpty {
            return nil
        }
        gift.restrictions += bounds
        return gift
    }

    /// Of principals that are taken as they are. Which servers trust them, and for which accounts, is written on the servers:
    /// where nothing is, sshd lets in the account of the same name (sshd_config(5), `AuthorizedPrincipalsFile`).
    fileprivate func giftOfPrincipals(login: String?) -> Gift? {
        func list(_ names: [String]) -> String { names.map(\.inBackticks).joined(separator: " or ") }
        let same = principals.filter { login == nil || $0 == login }
        let others = principals.filter { !same.contains($0) }
        guard !principals.isEmpty else { return nil }
        var servers: [String] = []
        if !same.isEmpty { servers.append("every server that trusts the principal \(list(same))") }
        if !others.isEmpty, let login { servers.append("servers that let the principal \(list(others)) in as `\(login)`") }
        return Gift(servers: servers.joined(separator: ", and "), restrictions: bounds)
    }

    private var bounds: [String] {
        var bounds: [String] = []
        if let forceCommand { bounds.append("the command \(forceCommand.inBackticks)") }
        switch sourceAddress {
        case .requester: bounds.append("the address of the requester")
        case .networks(let networks):
            bounds.append("addresses in " + networks.map(\.description).joined(separator: ", "))
        case nil: break
        }
        if verifyRequired { bounds.append("a token that checks PIN or fingerprint") }
        if endsSessionAtExpiry { bounds.append("sessions that end with the certificate") }
        return bounds
    }
}

extension X509Role {
    fileprivate func gift(name: String) -> Gift? {
        let places: [(templates: [Template], place: NamePlace)] = [
            (commonName.map { [$0] } ?? [], .commonName), (organizations, .organization), (emails, .email), (uris, .uri),
            (dns, .dnsName),
        ]
        let giving = places.flatMap { templates, place in
            templates.map { (template: $0, place: place, people: $0.people(getting: name, as: place)) }
        }.filter { $0.people != nil }
        let isAddress = ips.contains { $0.description == name }
        guard !giving.isEmpty || isAddress else { return nil }
        var gift = Gift(restrictions: ["use as " + usage.map(\.rawValue).sorted().joined(separator: " and ")])
        if saysNoRevocation { gift.restrictions.append("certificates that cannot be revoked") }
        guard !isAddress else { return gift }
        gift.people = giving.compactMap(\.people)
        // Servers that look for a name do not look there; to Kubernetes it is a group.
        if !giving.contains(where: { $0.place != .organization && $0.template.isLiteral }),
            giving.contains(where: { $0.place == .organization })
        {
            gift.restrictions.append("the organization of the subject")
        }
        if giving.allSatisfy({ !$0.template.isLiteral }) {
            gift.restrictions.append(
                "identities for which " + giving.map { "`\($0.template.text)`" }.joined(separator: " or ") + " is `\(name)`")
        }
        return gift
    }
}
