// SPDX-License-Identifier: Apache-2.0

import StrictYAML

extension PolicyLoader {
    mutating func readAllowRules(_ node: YAMLNode) {
        for member in list(node, "`allow`") ?? [] {
            let known = ["id", "who", "roles", "during", "networks", "lifetime", "reason", "ticket", "approval"]
            guard let fields = fields(member, "an allow rule", known: known),
                let (reference, condition, roles) = commonParts(fields, "an allow rule")
            else { continue }
            let lifetime = fields["lifetime"].flatMap { lifetimeLimits($0) }
            let rule = AllowRule(
                reference: reference, condition: condition, roles: roles, lifetime: lifetime,
                reason: fields["reason"].flatMap { textRequirement($0, "`reason`") },
                ticket: fields["ticket"].flatMap { textRequirement($0, "`ticket`") },
                approval: fields["approval"].flatMap { approvalRequirement($0, lifetime: lifetime) })
            let covered = roles.compactMap { self.roles[$0] }.sorted { $0.name < $1.name }
            if fields["lifetime"] == nil, let role = covered.first(where: { !$0.kinds.isEmpty }) {
                problems.add(
                    reference.position,
                    "rule `\(reference.id)` needs `lifetime`, because role `\(role.name)` issues certificates")
            }
            if let role = covered.first(where: { !$0.capabilities.isEmpty }) { refuseDemands(of: rule, on: role) }
            if let role = covered.first(where: { $0.x509?.saysNoRevocation == true }) { refuseLasting(rule, on: role) }
            allows.append(rule)
        }
    }

    /// What cannot be ended early ends soon, and is not given in the name of others who might want to end it.
    private mutating func refuseLasting(_ rule: AllowRule, on role: Role) {
        let most = X509Role.longestWithoutRevocation
        if let maximum = rule.lifetime?.maximum, maximum > most {
            problems.add(
                rule.reference.position,
                "rule `\(rule.reference.id)` gives up to \(PolicyDuration.text(maximum)), but role `\(role.name)` has `no_rev_avail`: at most \(PolicyDuration.text(most))"
            )
        }
        if rule.approval != nil {
            problems.add(
                rule.reference.position,
                "rule `\(rule.reference.id)` asks for approval, but role `\(role.name)` has `no_rev_avail`: what others approved must be revocable"
            )
        }
    }

    /// Nobody is there to ask when the service itself is used.
    private mutating func refuseDemands(of rule: AllowRule, on role: Role) {
        let demands = [
            ("a reason", rule.reason?.isRequired == true), ("a ticket", rule.ticket?.isRequired == true),
            ("approval", rule.approval != nil),
        ]
        for (demand, isMade) in demands where isMade {
            problems.add(
                rule.reference.position,
                "rule `\(rule.reference.id)` asks for \(demand), but the capabilities of role `\(role.name)` are used without any"
            )
        }
    }

    mutating func readDenyRules(_ node: YAMLNode) {
        for member in list(node, "`deny`") ?? [] {
            guard let fields = fields(member, "a deny rule", known: ["id", "who", "roles", "during", "networks"]),
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
        let windows = fields["during"].map { windowList($0) } ?? []
        let who = whoNode.flatMap { readWho($0) }
        let roles = rolesNode.map { rolePatterns($0) } ?? []
        guard let idNode, let id = text(idNode, "`id`"), define("rule", id, at: idNode.position), let who else { return nil }
        return (
            RuleReference(id: id, position: idNode.position),
            Condition(who: who, networks: networks, windows: windows), roles
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

    private mutating func textRequirement(_ node: YAMLNode, _ what: String) -> TextRequirement? {
        guard let fields = fields(node, what, known: ["required", "pattern"]) else { return nil }
        // Whoever writes `reason` or `ticket` wants one, unless they say otherwise.
        let isRequired = fields["required"].flatMap { flag($0, "`required`") } ?? true
        let pattern = fields["pattern"].flatMap { node -> TextPattern? in
            guard let text = text(node, "`pattern`") else { return nil }
            return attempt(node.position) { () throws(TextPatternError) in try TextPattern(text) }
        }
        return TextRequirement(isRequired: isRequired, pattern: pattern)
    }
}
