// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicySet {
    /// Every way to a right, by role and rule. What deny rules leave nothing of is left out.
    package func ways(to right: RightQuestion) -> [Way] {
        roles.values.sorted { $0.name < $1.name }.flatMap { role -> [Way] in
            guard let gift = role.gift(of: right) else { return [] }
            return allows.filter { $0.roles.contains(role.name) }.compactMap { way(role, $0, gift) }
        }
    }

    private func way(_ role: Role, _ rule: AllowRule, _ gift: Gift) -> Way? {
        var denying: [DenyRule] = []
        var problem: String?
        do throws(Incomparable) {
            var gives = false
            for people in gift.people where people.mayBe(rule.condition.who) {
                let reach = try reach(of: rule, in: role.name, for: people)
                guard reach.gives else { continue }
                gives = true
                denying += reach.cutBy.filter { !denying.contains($0) }
            }
            guard gives else { return nil }
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
            restrictions: gift.restrictions,
            unless: denying.sorted { $0.reference.id < $1.reference.id }.map { deny in
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

/// A right that certificates of a role give.
private struct Gift {
    /// To whom, where names are made of what they are called; of several, any. nil: to all.
    var people: [Who] = [Who()]
    /// What a certificate of the role is bound to.
    var restrictions: [String] = []
}

extension Role {
    /// nil when the role does not give the right.
    fileprivate func gift(of right: RightQuestion) -> Gift? {
        switch right {
        case .ssh(let login, let host): ssh?.gift(login: login, host: host)
        case .sshHost(let host): sshHost.flatMap { $0.zones.contains { $0.contains(host) } ? Gift() : nil }
        case .x509(let name): x509?.gift(name: name)
        case .capability(let capability): capabilities.contains(capability) ? Gift() : nil
        }
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
        if let forceCommand { gift.restrictions.append("the command `\(forceCommand)`") }
        switch sourceAddress {
        case .requester: gift.restrictions.append("the address of the requester")
        case .networks(let networks):
            gift.restrictions.append("addresses in " + networks.map(\.description).joined(separator: ", "))
        case nil: break
        }
        if verifyRequired { gift.restrictions.append("a token that checks PIN or fingerprint") }
        if endsSessionAtExpiry { gift.restrictions.append("sessions that end with the certificate") }
        return gift
    }
}

extension X509Role {
    fileprivate func gift(name: String) -> Gift? {
        let places: [(templates: [Template], place: NamePlace)] = [
            (commonName.map { [$0] } ?? [], .commonName), (emails, .email), (uris, .uri), (dns, .dnsName),
        ]
        let giving = places.flatMap { templates, place in
            templates.map { (template: $0, people: $0.people(getting: name, as: place)) }
        }.filter { $0.people != nil }
        let isAddress = ips.contains { $0.description == name }
        guard !giving.isEmpty || isAddress else { return nil }
        var gift = Gift(restrictions: ["use as " + usage.map(\.rawValue).sorted().joined(separator: " and ")])
        if saysNoRevocation { gift.restrictions.append("certificates that cannot be revoked") }
        guard !isAddress else { return gift }
        gift.people = giving.compactMap(\.people)
        if giving.allSatisfy({ !$0.template.isLiteral }) {
            gift.restrictions.append(
                "identities for which " + giving.map { "`\($0.template.text)`" }.joined(separator: " or ") + " is `\(name)`")
        }
        return gift
    }
}
