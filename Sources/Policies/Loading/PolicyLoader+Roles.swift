// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicyLoader {
    mutating func readZones(_ node: YAMLNode) {
        for entry in entries(node, "`zones`") ?? [] {
            let what = "zone `\(printable: entry.key)`"
            guard define("zone", entry.key, at: entry.keyPosition) else { continue }
            // Also when its hosts are wrong, so that roles that name it are not.
            zones[entry.key] = Zone(name: entry.key, hosts: [])
            guard let fields = fields(entry.value, what, known: ["hosts"]),
                let hosts = required(fields, "hosts", of: what)
            else { continue }
            let patterns = texts(hosts, "`hosts`").compactMap { host in
                attempt(host.position) { () throws(HostNameError) in try HostPattern(host.text) }
            }
            zones[entry.key] = Zone(name: entry.key, hosts: patterns)
        }
    }

    mutating func readRoles(_ node: YAMLNode) {
        for entry in entries(node, "`roles`") ?? [] {
            let known = ["description", "ssh", "ssh_host", "x509", "capabilities"]
            guard define("role", entry.key, at: entry.keyPosition) else { continue }
            let nothing = "role `\(entry.key)` gives nothing; expected `ssh`, `ssh_host`, `x509` or `capabilities`"
            if case .mapping(let content) = entry.value.value, content.isEmpty {
                problems.add(entry.keyPosition, nothing)
                continue
            }
            guard let fields = fields(entry.value, "role `\(entry.key)`", known: known) else { continue }
            var role = Role(reference: RoleReference(name: entry.key, position: entry.keyPosition))
            role.description = fields["description"].flatMap { text($0, "`description`") }
            role.ssh = fields["ssh"].flatMap { sshRole($0) }
            role.sshHost = fields["ssh_host"].flatMap { sshHostRole($0) }
            role.x509 = fields["x509"].flatMap { x509Role($0) }
            role.capabilities = Set(fields["capabilities"].map { words($0, "`capabilities`", as: Capability.self) } ?? [])
            if ["ssh", "ssh_host", "x509", "capabilities"].allSatisfy({ fields[$0] == nil }) {
                problems.add(entry.keyPosition, nothing)
            }
            roles[entry.key] = role
        }
    }

    private mutating func sshRole(_ node: YAMLNode) -> SSHRole? {
        let known = [
            "logins", "zones", "principals", "extensions", "source_address", "force_command", "verify_required",
            "key_types", "end_session_at_expiry",
        ]
        guard let fields = fields(node, "`ssh`", known: known) else { return nil }
        var role = SSHRole()
        role.logins = fields["logins"].map { templates($0, "`logins`", as: .login) } ?? []
        role.zones = fields["zones"].map { zoneList($0) } ?? []
        role.principals = fields["principals"].map { principals($0) } ?? []
        role.extensions = Set(fields["extensions"].map { words($0, "`extensions`", as: SSHExtension.self) } ?? [])
        role.sourceAddress = fields["source_address"].flatMap { sourceAddress($0) }
        role.forceCommand = fields["force_command"].flatMap { text($0, "`force_command`") }
        role.verifyRequired = fields["verify_required"].flatMap { flag($0, "`verify_required`") } ?? false
        role.keyTypes = fields["key_types"].map { Set(words($0, "`key_types`", as: KeyType.self)) }
        role.endsSessionAtExpiry =
            fields["end_session_at_expiry"].flatMap { flag($0, "`end_session_at_expiry`") } ?? false

        if (fields["logins"] == nil) != (fields["zones"] == nil) {
            problems.add(node.position, "`logins` and `zones` belong together: which accounts, on which hosts")
        } else if fields["logins"] == nil, fields["principals"] == nil {
            problems.add(node.position, "`ssh` needs `logins` and `zones`, or `principals`")
        }
        let count = role.logins.count * role.zones.count + role.principals.count
        if count > SSHRole.maximumPrincipals {
            problems.add(node.position, "\(count) principals are too many for a certificate; the limit is 256")
        }
        if role.verifyRequired {
            // sshd asks for the proof only of keys on a token; for others the option would promise what nobody checks.
            if let keyTypes = role.keyTypes, !keyTypes.allSatisfy(\.isOnToken) {
                problems.add(
                    node.position,
                    "`verify_required` works for keys on a token only; let `key_types` be `sk-ed25519`, `sk-ecdsa`")
            }
            role.keyTypes = role.keyTypes ?? [.skEd25519, .skECDSA]
        }
        return role
    }

    private mutating func sshHostRole(_ node: YAMLNode) -> SSHHostRole? {
        guard let fields = fields(node, "`ssh_host`", known: ["zones"]),
            let zones = required(fields, "zones", of: "`ssh_host`")
        else { return nil }
        return SSHHostRole(zones: zoneList(zones))
    }

    private mutating func x509Role(_ node: YAMLNode) -> X509Role? {
        let known = ["usage", "common_name", "organizations", "dns", "ips", "emails", "uris", "key_types", "no_rev_avail"]
        guard let fields = fields(node, "`x509`", known: known) else { return nil }
        var role = X509Role()
        if let usage = required(fields, "usage", of: "`x509`") {
            role.usage = Set(words(usage, "`usage`", as: X509Usage.self))
        }
        role.commonName = fields["common_name"].flatMap { node in
            text(node, "`common_name`").flatMap { template(Located(text: $0, position: node.position), as: .commonName) }
        }
        role.organizations = fields["organizations"].map { templates($0, "`organizations`", as: .organization) } ?? []
        role.dns = fields["dns"].map { templates($0, "`dns`", as: .dnsName) } ?? []
        role.ips = fields["ips"].map { addresses($0) } ?? []
        role.emails = fields["emails"].map { templates($0, "`emails`", as: .email) } ?? []
        role.uris = fields["uris"].map { templates($0, "`uris`", as: .uri) } ?? []
        role.keyTypes = fields["key_types"].map { Set(words($0, "`key_types`", as: KeyType.self)) }
        role.saysNoRevocation = fields["no_rev_avail"].flatMap { flag($0, "`no_rev_avail`") } ?? false
        if let keyTypes = role.keyTypes, keyTypes.contains(where: \.isOnToken) {
            problems.add(node.position, "`sk-ed25519` and `sk-ecdsa` are for SSH only")
        }
        if role.uris.count > 1, role.uris.contains(where: { Names.isSPIFFE($0.text) }) {
            problems.add(node.position, "a SPIFFE ID must be the only URI of a certificate")
        }
        if role.usage.contains(.server), ["dns", "ips", "uris"].allSatisfy({ fields[$0] == nil }) {
            problems.add(node.position, "a server needs `dns`, `ips` or `uris`: clients do not look at the common name")
        }
        if ["common_name", "dns", "ips", "emails", "uris"].allSatisfy({ fields[$0] == nil }) {
            problems.add(node.position, "`x509` names nobody; expected `common_name`, `dns`, `ips`, `emails` or `uris`")
        }
        return role
    }
}

extension PolicyLoader {
    mutating func required(_ fields: Fields, _ key: String, of what: String) -> YAMLNode? {
        if fields[key] == nil { problems.add(fields.position, "\(what) needs `\(key)`") }
        return fields[key]
    }

    private mutating func zoneList(_ node: YAMLNode) -> [Zone] {
        texts(node, "`zones`").compactMap { found in
            if let zone = zones[found.text] { return zone }
            problems.add(found.position, unknown("zone", found.text, among: zones.keys))
            return nil
        }
    }

    private mutating func template(_ found: Located, as place: NamePlace) -> Template? {
        if place == .dnsName, found.text.contains("**") {
            problems.add(found.position, HostNameError.twoStars(found.text).description)
            return nil
        }
        guard let template = attempt(found.position, { () throws(TemplateSyntaxError) in try Template(found.text) }),
            attempt(found.position, { () throws(TemplateProblem) in try template.sample(as: place) }) != nil
        else { return nil }
        // Before the path a value would choose the authority.
        if place == .uri, !template.isLiteral {
            guard case .literal(let start)? = template.parts.first,
                start.split(
                    separator: "/", maxSplits: 3,
                    omittingEmptySubsequences: false
                ).count == 4 || !start.contains("://") && start.contains(":")
            else {
                problems.add(found.position, "`\(found.text)` has a value before its path; only the path may hold one")
                return nil
            }
        }
        return template
    }

    private mutating func templates(_ node: YAMLNode, _ what: String, as place: NamePlace) -> [Template] {
        texts(node, what).compactMap { template($0, as: place) }
    }

    private mutating func principals(_ node: YAMLNode) -> [String] {
        texts(node, "`principals`").compactMap { found in
            if Names.isPlainPrincipal(found.text) { return found.text }
            problems.add(
                found.position,
                "`\(found.text)` is not a principal; expected letters, digits and `._@:/+=-`, without `@zone:` or `@host:`")
            return nil
        }
    }

    private mutating func addresses(_ node: YAMLNode) -> [IPAddress] {
        texts(node, "`ips`").compactMap { found in
            if let address = IPAddress(found.text) { return address }
            problems.add(found.position, "`\(found.text)` is not an IP address")
            return nil
        }
    }

    mutating func networks(_ node: YAMLNode, _ what: String) -> [IPNetwork] {
        texts(node, what).compactMap { found in
            attempt(found.position) { () throws(IPNetworkError) in try IPNetwork(found.text) }
        }
    }

    private mutating func sourceAddress(_ node: YAMLNode) -> SourceAddress? {
        if case .list(let members) = node.value {
            if members.count > SSHRole.maximumSourceAddresses {
                problems.add(
                    node.position,
                    "\(members.count) networks are too many for a certificate; the limit is \(SSHRole.maximumSourceAddresses)")
            }
            return .networks(networks(node, "`source_address`"))
        }
        guard case .scalar("requester", _) = node.value else {
            problems.add(node.position, "`source_address` must be `requester` or a list of networks")
            return nil
        }
        return .requester
    }
}
