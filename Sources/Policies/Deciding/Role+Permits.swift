// SPDX-License-Identifier: Apache-2.0

extension SSHRole {
    /// `logins` and `host` only narrow. Everything the role says is worked out first: what it refuses for the whole, it
    /// refuses for a part.
    func permit(for identity: Identity, logins wanted: [String]?, host: HostName?) throws(SubjectProblem) -> SSHPermit {
        let all = try logins.expanded(for: identity, as: .login)
        for login in wanted ?? [] where !all.contains(login) { throw .loginOutside(login, logins: all) }
        let chosen = wanted ?? all
        var result: Set<String> = []
        if let host {
            if let problem = problem(reaching: host) { throw problem }
            result.formUnion(chosen.map { "\($0)@host:\(host)" })
        } else {
            for zone in zones { result.formUnion(chosen.map { "\($0)@zone:\(zone.name)" }) }
            if wanted == nil { result.formUnion(principals) }
        }
        return SSHPermit(
            principals: result.sorted(), extensions: extensions.map(\.wireName).sorted(), forceCommand: forceCommand,
            sourceAddresses: try sourceNetworks(for: identity), verifyRequired: verifyRequired,
            endsSessionAtExpiry: endsSessionAtExpiry, keyTypes: keyTypes)
    }

    func problem(reaching host: HostName) -> SubjectProblem? {
        zones.contains { $0.contains(host) } ? nil : .hostOutside(host, zones: zones.map(\.name).sorted())
    }

    private func sourceNetworks(for identity: Identity) throws(SubjectProblem) -> [IPNetwork] {
        switch sourceAddress {
        case nil: return []
        case .networks(let networks): return networks
        case .requester:
            guard let address = identity.address else { throw .addressUnknown }
            return [IPNetwork(only: address)]
        }
    }
}

extension SSHHostRole {
    func permit(host: HostName) throws(SubjectProblem) -> SSHHostPermit {
        guard zones.contains(where: { $0.contains(host) }) else {
            throw .hostOutside(host, zones: zones.map(\.name).sorted())
        }
        return SSHHostPermit(hosts: [host])
    }
}

extension X509Role {
    /// Every exact name, or exactly the names asked for when each is one of the role's or matches a pattern.
    func permit(for identity: Identity, names wanted: X509Names?) throws(SubjectProblem) -> X509Permit {
        var commonName: String?
        if let template = self.commonName {
            commonName = try [template].expanded(for: identity, as: .commonName).first
        }
        var exact: [String] = []
        var patterns: [HostPattern] = []
        for name in try dns.expanded(for: identity, as: .dnsName) {
            guard let pattern = try? HostPattern(name) else { continue }
            if pattern.isExact { exact.append(name) } else { patterns.append(pattern) }
        }
        let all = X509Names(
            checked: exact, ips: ips, emails: try emails.expanded(for: identity, as: .email),
            uris: try uris.expanded(for: identity, as: .uri))
        var names = all
        if let wanted, !wanted.isEmpty {
            for name in wanted.dns where !all.dns.contains(name) {
                guard let host = try? HostName(name), patterns.contains(where: { $0.matches(host) }) else {
                    throw .nameOutside(name, kind: "DNS name")
                }
            }
            for address in wanted.ips where !all.ips.contains(address) {
                throw .nameOutside(address.description, kind: "IP address")
            }
            for email in wanted.emails where !all.emails.contains(email) {
                throw .nameOutside(email, kind: "e-mail address")
            }
            for uri in wanted.uris where !all.uris.contains(uri) { throw .nameOutside(uri, kind: "URI") }
            names = wanted
        }
        guard commonName != nil || !names.isEmpty else { throw .onlyPatterns }
        return X509Permit(
            usage: usage, commonName: commonName,
            organizations: try organizations.expanded(for: identity, as: .organization).sorted(), names: names,
            keyTypes: keyTypes, saysNoRevocation: saysNoRevocation)
    }
}

extension [Template] {
    /// In the order written, each name once.
    func expanded(for identity: Identity, as place: NamePlace) throws(SubjectProblem) -> [String] {
        var names: [String] = []
        for template in self {
            do throws(TemplateProblem) {
                let name = try template.expanded(for: identity, as: place)
                if !names.contains(name) { names.append(name) }
            } catch {
                throw .template(error)
            }
        }
        return names
    }
}
