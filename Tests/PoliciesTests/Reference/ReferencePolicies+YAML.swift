// SPDX-License-Identifier: Apache-2.0

extension ReferencePolicies {
    static let dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// The same set as a policy file. Its one role is `shell`.
    var yaml: String {
        var text = """
            version: 1
            zones: {web: {hosts: ["web*.example.com"]}}
            roles: {shell: {ssh: {logins: [deploy], zones: [web]}}}

            """
        if !windows.isEmpty {
            text += "windows:\n"
            for (name, window) in windows.sorted(by: { $0.key < $1.key }) {
                let days = "\(Self.dayNames[window.days.lowerBound])-\(Self.dayNames[window.days.upperBound])"
                text +=
                    "  \(name): {days: \(days), hours: \"\(Self.two(window.from)):00-\(Self.two(window.to)):00\", time_zone: UTC}\n"
            }
        }
        let groups = Set(members.keys).union(nested.keys).union(rotations.keys)
        if !groups.isEmpty {
            text += "groups:\n"
            for group in groups.sorted() {
                var parts: [String] = []
                if let members = members[group] { parts.append("members: [\(members.joined(separator: ", "))]") }
                if let nested = nested[group] { parts.append("groups: [\(nested.joined(separator: ", "))]") }
                if let turns = rotations[group] {
                    parts.append(
                        "rotation: {members: [\(turns.joined(separator: ", "))], every: 1w, starts: 2026-01-05T09:00, time_zone: UTC}"
                    )
                }
                text += "  \(group): {\(parts.joined(separator: ", "))}\n"
            }
        }
        if !allows.isEmpty { text += "allow:\n" + allows.map { Self.yaml($0, isAllow: true) }.joined() }
        if !denies.isEmpty { text += "deny:\n" + denies.map { Self.yaml($0, isAllow: false) }.joined() }
        return text
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func yaml(_ rule: Rule, isAllow: Bool) -> String {
        var text = "  - id: \(rule.id)\n    who: \(yaml(rule.who))\n    roles: [shell]\n"
        if rule.insideOnly { text += "    networks: [10.0.0.0/8]\n" }
        if !rule.windows.isEmpty { text += "    during: [\(rule.windows.joined(separator: ", "))]\n" }
        guard isAllow else { return text }
        text += "    lifetime: {default: \(rule.standard)m, max: \(rule.most)m}\n"
        if let reason = rule.reason { text += "    reason: {pattern: '^\(reason)'}\n" }
        if let ticket = rule.ticket { text += "    ticket: {pattern: '^\(ticket)'}\n" }
        if rule.needsApproval {
            let how =
                rule.approvesItself
                ? "automatic: true"
                : rule.breaksGlass ? "review: {by: {groups: [leads]}, within: 1d}" : "steps: [{by: {groups: [leads]}}]"
            text += "    approval: {\(how)}\n"
        }
        return text
    }

    private static func yaml(_ who: Who) -> String {
        if who.everyone { return "{everyone: true}" }
        var parts: [String] = []
        let users = who.users + (who.domain.map { ["\"*@\($0)\""] } ?? [])
        if !users.isEmpty { parts.append("users: [\(users.joined(separator: ", "))]") }
        if !who.groups.isEmpty { parts.append("groups: [\(who.groups.joined(separator: ", "))]") }
        if let provider = who.provider { parts.append("provider: \(provider)") }
        if let ref = who.ref { parts.append("claims: {ref: \"\(ref)\"}") }
        if let mfa = who.mfa { parts.append("mfa: \(mfa)") }
        if let within = who.loginWithin { parts.append("authenticated_within: \(within)m") }
        return "{\(parts.joined(separator: ", "))}"
    }
}
