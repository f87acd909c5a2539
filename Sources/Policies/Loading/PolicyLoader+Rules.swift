// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicyLoader {
    mutating func readAllowRules(_ node: YAMLNode) {
        for member in list(node, "`allow`") ?? [] {
            let known = ["id", "who", "roles", "networks", "lifetime", "reason"]
            guard let fields = fields(member, "an allow rule", known: known),
                let (reference, condition, roles) = commonParts(fields, "an allow rule")
            else { continue }
            let lifetime = fields["lifetime"].flatMap { lifetimeLimits($0) }
            let reason = fields["reason"].flatMap { reasonRequirement($0) }
            let covered = roles.compactMap { self.roles[$0] }.sorted { $0.name < $1.name }
            if fields["lifetime"] == nil, let role = covered.first(where: { !$0.kinds.isEmpty }) {
                problems.add(
                    reference.position,
                    "rule `\(reference.id)` needs `lifetime`, because role `\(role.name)` issues certificates")
            }
            if reason?.isRequired == true, let role = covered.first(where: { !$0.capabilities.isEmpty }) {
                problems.add(
                    reference.position,
                    "rule `\(reference.id)` asks for a reason, but the capabilities of role `\(role.name)` are used without one"
                )
            }
            allows.append(
                AllowRule(reference: reference, condition: condition, roles: roles, lifetime: lifetime, reason: reason))
        }
    }

    mutating func readDenyRules(_ node: YAMLNode) {
        for member in list(node, "`deny`") ?? [] {
            guard let fields = fields(member, "a deny rule", known: ["id", "who", "roles", "networks"]),
                let (reference, condition, roles) = commonParts(fields, "a deny rule")
            else { continue }
            denies.append(DenyRule(reference: reference, condition: condition, roles: roles))
        }
    }

    private mutating func commonParts(_ fields: Fields, _ what: String) -> (RuleReference, Condition, Set<String>)? {
        let idNode = required(fields, "id", of: what)
        let whoNode = required(fields, "who", of: what)
        let rolesNode = required(fields, "roles", of: what)
        let networks = fields["networks"].map { self.networks($0, "`networks`") } ?? []
        let who = whoNode.flatMap { readWho($0) }
        let roles = rolesNode.map { rolePatterns($0) } ?? []
        guard let idNode, let id = text(idNode, "`id`"), define("rule", id, at: idNode.position), let who else { return nil }
        return (
            RuleReference(id: id, position: idNode.position), Condition(who: who, networks: networks), roles
        )
    }

    private mutating func rolePatterns(_ node: YAMLNode) -> Set<String> {
        var covered: Set<String> = []
        for found in texts(node, "`roles`") {
            let pattern = Wildcard(found.text)
            guard found.text.consists(ofLettersDigitsAnd: "-_.*") else {
                problems.add(found.position, "`\(found.text)` is neither a role nor a pattern such as `prod-*`")
                continue
            }
            let matching = roles.keys.filter { pattern.matches($0) }
            if matching.isEmpty {
                problems.add(
                    found.position,
                    pattern.isExact ? unknown("role", found.text, among: roles.keys) : "no role matches `\(found.text)`")
            }
            covered.formUnion(matching)
        }
        return covered
    }

    private mutating func readWho(_ node: YAMLNode) -> Who? {
        let hint = "`who` names nobody; write `everyone: true` if all are meant"
        if case .mapping(let entries) = node.value, entries.isEmpty {
            problems.add(node.position, hint)
            return nil
        }
        let known = ["everyone", "user", "users", "groups", "provider", "claims", "mfa"]
        guard let fields = fields(node, "`who`", known: known) else { return nil }
        var who = Who()
        if let everyone = fields["everyone"], let isEveryone = flag(everyone, "`everyone`") {
            if !isEveryone { problems.add(everyone.position, hint) }
            if known.dropFirst().contains(where: { fields[$0] != nil }) {
                problems.add(everyone.position, "`everyone` stands alone; leave out either it or the rest")
            }
            who.isEveryone = true
        }
        if let user = fields["user"] {
            if fields["users"] != nil { problems.add(user.position, "write all users under `users`") }
            if let name = text(user, "`user`") { add(Located(text: name, position: user.position), to: &who) }
        }
        for found in fields["users"].map({ texts($0, "`users`") }) ?? [] { add(found, to: &who) }
        for found in fields["groups"].map({ texts($0, "`groups`") }) ?? [] {
            if Names.isDirectoryName(found.text) {
                who.groups.insert(found.text)
            } else {
                problems.add(found.position, "`\(found.text)` is not a group; groups are listed one by one")
            }
        }
        who.provider = fields["provider"].flatMap { text($0, "`provider`") }
        who.mfa = fields["mfa"].flatMap { flag($0, "`mfa`") }
        if let claims = fields["claims"] {
            who.claims = claimRequirements(claims)
            if fields["provider"] == nil {
                problems.add(claims.position, "`claims` needs `provider`: each provider has claims of its own")
            }
        }
        return who
    }

    private mutating func add(_ user: Located, to who: inout Who) {
        if Names.isDirectoryName(user.text) {
            who.users.insert(user.text)
        } else if user.text.hasPrefix("*@"), Names.isDNSName(String(user.text.dropFirst(2))) {
            who.userDomains.insert(String(user.text.dropFirst(2)))
        } else {
            problems.add(user.position, "`\(user.text)` is not a user; expected a name or all of a domain, `*@example.com`")
        }
    }

    private mutating func claimRequirements(_ node: YAMLNode) -> [ClaimRequirement] {
        (entries(node, "`claims`") ?? []).map { entry in
            var nodes = [entry.value]
            if case .list = entry.value.value { nodes = list(entry.value, "claim `\(printable: entry.key)`") ?? [] }
            let accepted = nodes.compactMap { claimValue($0, "claim `\(printable: entry.key)`") }
            return ClaimRequirement(name: entry.key, accepted: accepted)
        }
    }

    mutating func claimValue(_ node: YAMLNode, _ what: String) -> ClaimValue? {
        switch node.value {
        case .scalar("true", isPlain: true): return .bool(true)
        case .scalar("false", isPlain: true): return .bool(false)
        case .scalar(let plain, isPlain: true) where YAMLNode.kind(ofPlain: plain) == .number:
            if let number = Int(plain), String(number) == plain { return .int(number) }
            problems.add(node.position, "\(what) must be text, a whole number, `true` or `false`")
            return nil
        default:
            guard let text = text(node, what) else { return nil }
            guard !text.utf8.contains(UInt8(ascii: "*")) else {
                problems.add(node.position, "\(what) is compared as it stands; patterns are not supported here")
                return nil
            }
            return .string(text)
        }
    }

    private mutating func lifetimeLimits(_ node: YAMLNode) -> LifetimeLimits? {
        guard let fields = fields(node, "`lifetime`", known: ["default", "max"]),
            let maximumNode = required(fields, "max", of: "`lifetime`"),
            let maximum = duration(maximumNode, "`max`")
        else { return nil }
        guard let standardNode = fields["default"] else {
            return LifetimeLimits(standard: min(maximum, .seconds(3_600)), maximum: maximum)
        }
        guard let standard = duration(standardNode, "`default`") else { return nil }
        if standard > maximum {
            problems.add(
                standardNode.position,
                "`default` (\(PolicyDuration.text(standard))) is longer than `max` (\(PolicyDuration.text(maximum)))")
        }
        return LifetimeLimits(standard: standard, maximum: maximum)
    }

    private mutating func reasonRequirement(_ node: YAMLNode) -> ReasonRequirement? {
        guard let fields = fields(node, "`reason`", known: ["required", "pattern"]) else { return nil }
        // Whoever writes `reason` wants one, unless they say otherwise.
        let isRequired = fields["required"].flatMap { flag($0, "`required`") } ?? true
        let pattern = fields["pattern"].flatMap { node -> TextPattern? in
            guard let text = text(node, "`pattern`") else { return nil }
            return attempt(node.position) { () throws(TextPatternError) in try TextPattern(text) }
        }
        return ReasonRequirement(isRequired: isRequired, pattern: pattern)
    }
}
