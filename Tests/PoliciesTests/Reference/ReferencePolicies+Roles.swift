// SPDX-License-Identifier: Apache-2.0

/// What a certificate of a role says, as a set of facts in words.
extension ReferencePolicies {
    struct Role {
        var ssh: SSH?
        /// Zones of `ssh_host`.
        var hostZones: [String]?
        var x509: X509?
        var capabilities: [String] = []
    }

    struct SSH {
        var logins: [String] = []
        var zones: [String] = []
        var principals: [String] = []
        var extensions: [String] = []
        /// Networks, or `requester` alone.
        var sources: [String] = []
        var command: String?
        var verifies = false
        var endsSessions = false
        var keyTypes: [String]?
    }

    struct X509 {
        var usage: [String]
        var commonName: String?
        var organizations: [String] = []
        var dns: [String] = []
        var ips: [String] = []
        var emails: [String] = []
        var uris: [String] = []
        var keyTypes: [String]?
        var saysNoRevocation = false
    }

    /// Where a name goes.
    private enum Place { case login, commonName, organization, dns, email, uri }

    /// nil: the role refuses the request.
    func facts(of role: Role, _ person: Person, _ request: Request) -> Set<String>? {
        switch request.what {
        case .ssh(let logins, let host):
            return role.ssh.flatMap { facts(of: $0, person, logins: logins, host: host, request.keyType) }
        case .sshHost(let host):
            guard let zones = role.hostZones, zones.contains(where: { isIn(host, zone: $0) }) else { return nil }
            return ["host \(host)"]
        case .x509(let names): return role.x509.flatMap { facts(of: $0, person, asked: names ?? [], request.keyType) }
        }
    }

    private func isIn(_ host: String, zone: String) -> Bool {
        (zones[zone] ?? []).contains { Self.matches(host, $0, within: ".") }
    }

    private func facts(
        of role: SSH, _ person: Person, logins wanted: [String]?, host: String?, _ keyType: String?
    ) -> Set<String>? {
        guard let all = Self.names(role.logins, person, .login) else { return nil }
        let logins = wanted.map { Set($0) } ?? all
        guard logins.isSubset(of: all) else { return nil }
        var facts: Set<String> = []
        if let host {
            guard role.zones.contains(where: { isIn(host, zone: $0) }) else { return nil }
            for login in logins { facts.insert("principal \(login)@host:\(host)") }
        } else {
            for login in logins {
                for zone in role.zones { facts.insert("principal \(login)@zone:\(zone)") }
            }
            if wanted == nil { facts.formUnion(role.principals.map { "principal \($0)" }) }
        }
        if role.sources == ["requester"] {
            guard let address = person.address else { return nil }
            facts.insert("from \(address)/32")
        } else {
            facts.formUnion(role.sources.map { "from \($0)" })
        }
        facts.formUnion(role.extensions.map { "extension \($0)" })
        if let command = role.command { facts.insert("command \(command)") }
        if role.verifies { facts.insert("verifies") }
        if role.endsSessions { facts.insert("ends sessions") }
        let keyTypes = role.keyTypes ?? (role.verifies ? ["sk-ed25519", "sk-ecdsa"] : nil)
        return Self.with(keyTypes, keyType, facts)
    }

    private func facts(of role: X509, _ person: Person, asked: [String], _ keyType: String?) -> Set<String>? {
        guard let commonNames = Self.names(role.commonName.map { [$0] } ?? [], person, .commonName),
            let organizations = Self.names(role.organizations, person, .organization),
            let dns = Self.names(role.dns, person, .dns), let emails = Self.names(role.emails, person, .email),
            let uris = Self.names(role.uris, person, .uri)
        else { return nil }
        let exact = dns.filter { !$0.contains("*") }.union(emails).union(uris).union(role.ips)
        let patterns = dns.filter { $0.contains("*") }
        func isDNSName(_ name: String) -> Bool { !name.contains("@") && !name.contains(":") && !Self.isAddress(name) }
        for name in asked where !exact.contains(name) {
            guard isDNSName(name), patterns.contains(where: { Self.matches(name, $0, within: ".") }) else { return nil }
        }
        let names = asked.isEmpty ? exact : Set(asked)
        // It would name nobody.
        guard !names.isEmpty || !commonNames.isEmpty else { return nil }
        let facts =
            role.usage.map { "usage \($0)" } + commonNames.map { "CN \($0)" } + organizations.map { "O \($0)" }
            + names.map { "name \($0)" } + (role.saysNoRevocation ? ["unrevocable"] : [])
        return Self.with(role.keyTypes, keyType, Set(facts))
    }

    /// Whether a certificate of the first lets one do nothing that one of the second does not.
    private static func isWithin(_ mine: Set<String>, _ theirs: Set<String>) -> Bool {
        func some(_ kind: String, _ facts: Set<String>) -> Set<String> { facts.filter { $0.hasPrefix(kind) } }
        return ["principal ", "extension ", "zone "].allSatisfy { some($0, mine).isSubset(of: some($0, theirs)) }
            && ["command ", "from "].allSatisfy { some($0, theirs).isEmpty || some($0, mine) == some($0, theirs) }
            && ["verifies", "ends sessions"].allSatisfy { some($0, theirs).isSubset(of: mine) }
    }

    enum Choice: Equatable { case role(String), several, none }

    /// What `mayfly ssh LOGIN@HOST` takes.
    func roleReaching(_ host: String, as login: String, _ person: Person, reason: String?, ticket: String?, at minute: Int)
        -> Choice
    {
        var (atOnce, afterApproval): ([String: Set<String>], [String: Set<String>]) = ([:], [:])
        for (name, role) in roles {
            let request = Request(role: name, what: .ssh(logins: [login], host: host), reason: reason, ticket: ticket)
            let zones = (role.ssh?.zones ?? []).map { "zone \($0)" }
            switch decide(person, request, at: minute) {
            case .allow(_, _, let facts): atOnce[name] = facts.union(zones)
            case .approval(_, _, let facts): afterApproval[name] = facts.union(zones)
            case .deny: break
            }
        }
        let reaching = atOnce.isEmpty ? afterApproval : atOnce
        let least = reaching.filter { candidate in reaching.values.allSatisfy { Self.isWithin(candidate.value, $0) } }
        return reaching.isEmpty ? .none : least.count == 1 ? .role(least.keys.first ?? "") : .several
    }

    func has(_ capability: String, _ person: Person, at minute: Int) -> Bool {
        roles.contains { name, role in
            role.capabilities.contains(capability) && rulesGive(name, person, at: minute)
        }
    }

    private static func with(_ keyTypes: [String]?, _ asked: String?, _ facts: Set<String>) -> Set<String>? {
        guard let keyTypes else { return facts }
        if let asked, !keyTypes.contains(asked) { return nil }
        return facts.union(keyTypes.map { "key \($0)" })
    }

    // MARK: Templates

    /// nil: one of them cannot be filled in, or not with this.
    private static func names(_ templates: [String], _ person: Person, _ place: Place) -> Set<String>? {
        var names: Set<String> = []
        for template in templates {
            guard let name = name(template, person, place) else { return nil }
            names.insert(name)
        }
        return names
    }

    private static func name(_ template: String, _ person: Person, _ place: Place) -> String? {
        var (name, rest) = ("", template[...])
        while let open = rest.firstIndex(of: "{"), let close = rest.firstIndex(of: "}") {
            let variable = String(rest[rest.index(after: open)..<close])
            guard let value = value(variable, person),
                isSuitable(value, variable, place, alone: template == "{\(variable)}")
            else { return nil }
            name += rest[..<open] + value
            rest = rest[rest.index(after: close)...]
        }
        name += rest
        return isName(name, place) ? name : nil
    }

    private static func value(_ variable: String, _ person: Person) -> String? {
        switch variable {
        case "user.name": return person.user
        case "user.login": return person.login
        case "user.domain":
            let parts = (person.user ?? "").split(separator: "@")
            return parts.count == 2 ? String(parts[1]) : nil
        default:
            guard case .text(let text)? = person.claims?[String(variable.dropFirst("claims.".count))] else { return nil }
            return text
        }
    }

    private static func isSuitable(_ value: String, _ variable: String, _ place: Place, alone: Bool) -> Bool {
        switch place {
        case .login, .commonName: isName(value, place)
        case .organization: isName(value, place) && !value.contains(":")
        case .dns: variable == "user.domain" ? isName(value, .dns) : value.wholeMatch(of: /[a-z0-9-]+/) != nil
        case .email: alone ? isName(value, .email) : value.wholeMatch(of: /[A-Za-z0-9._-]+/) != nil
        case .uri: value.wholeMatch(of: /[A-Za-z0-9._-]+/) != nil
        }
    }

    private static func isName(_ name: String, _ place: Place) -> Bool {
        switch place {
        case .login: name.count <= 32 && name.wholeMatch(of: /[a-z_][a-z0-9_.-]*/) != nil
        case .commonName, .organization:
            name.count <= 64 && name.wholeMatch(of: /[A-Za-z0-9 @._:'()-]+/) != nil && !name.hasPrefix(" ")
                && !name.hasSuffix(" ")
        case .dns:
            !isAddress(name)
                && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
                    $0.count < 64 && $0.wholeMatch(of: /[a-z0-9*]|[a-z0-9*][a-z0-9*-]*[a-z0-9*]/) != nil
                }
        case .email: name.wholeMatch(of: /[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[a-z0-9-]+(\.[a-z0-9-]+)*/) != nil
        case .uri:
            name.wholeMatch(of: /[a-z]+:\/\/[A-Za-z0-9.\/_-]+/) != nil
                && !name.split(separator: "/").contains { $0 == "." || $0 == ".." }
        }
    }

    private static func isAddress(_ name: String) -> Bool { name.wholeMatch(of: /[0-9]+(\.[0-9]+){3}/) != nil }
}
