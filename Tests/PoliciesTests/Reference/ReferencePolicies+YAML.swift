// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ReferencePolicies {
    private static let dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// The same set as a policy file.
    var yaml: String {
        func section<Value>(_ name: String, _ values: [String: Value], _ text: (Value) -> [String?]) -> String {
            guard !values.isEmpty else { return "" }
            let lines = values.sorted { $0.key < $1.key }.map { "  \($0): {\(Self.joined(text($1)))}\n" }
            return "\(name):\n" + lines.joined()
        }
        let groups = Set(members.keys).union(nested.keys).union(rotations.keys)
        return "version: 1\n" + section("zones", zones) { ["hosts: \(Self.list($0))"] }
            + section("windows", windows) { Self.parts(of: $0) }
            + section("groups", Dictionary(uniqueKeysWithValues: groups.map { ($0, $0) })) { group in
                [
                    members[group].map { "members: \(Self.list($0))" }, nested[group].map { "groups: \(Self.list($0))" },
                    rotations[group].map { "rotation: \(Self.yaml($0))" },
                ]
            } + section("roles", roles) { Self.parts(of: $0) }
            + (allows.isEmpty ? "" : "allow:\n" + allows.map { Self.yaml($0, isAllow: true) }.joined())
            + (denies.isEmpty ? "" : "deny:\n" + denies.map { Self.yaml($0, isAllow: false) }.joined())
    }

    private static func joined(_ parts: [String?]) -> String { parts.compactMap(\.self).joined(separator: ", ") }

    private static func list(_ texts: [String]) -> String { "[" + texts.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }

    private static func ifAny(_ key: String, _ texts: [String]) -> String? {
        texts.isEmpty ? nil : "\(key): \(list(texts))"
    }

    /// `2026-01-05`.
    private static func date(_ day: Int) -> String {
        Date(timeIntervalSince1970: Double(day) * 86_400).formatted(.iso8601.year().month().day())
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func parts(of window: Window) -> [String?] {
        return [
            "days: \(dayNames[window.days.lowerBound])-\(dayNames[window.days.upperBound])",
            "hours: \"\(two(window.from)):00-\(two(window.to)):00\"",
            window.dates.map { "dates: \"\(date($0.lowerBound))..\(date($0.upperBound))\"" }, "time_zone: \(window.timeZone)",
        ]
    }

    private static func yaml(_ rotation: Rotation) -> String {
        let overrides = rotation.overrides.sorted { $0.key < $1.key }.map { "\(date($0)): \(list($1))" }
        return "{"
            + joined([
                "members: \(list(rotation.members))", "every: 1w",
                "starts: \(date(firstTurn))T\(two(rotation.hour)):00", "time_zone: \(rotation.timeZone)",
                overrides.isEmpty ? nil : "overrides: {\(overrides.joined(separator: ", "))}",
            ]) + "}"
    }

    private static func parts(of role: Role) -> [String?] {
        [
            role.ssh.map { "ssh: {\(joined(parts(of: $0)))}" }, role.hostZones.map { "ssh_host: {zones: \(list($0))}" },
            role.x509.map { "x509: {\(joined(parts(of: $0)))}" }, ifAny("capabilities", role.capabilities),
        ]
    }

    private static func parts(of role: SSH) -> [String?] {
        [
            ifAny("logins", role.logins), ifAny("zones", role.zones), ifAny("principals", role.principals),
            ifAny("extensions", role.extensions),
            role.sources == ["requester"] ? "source_address: requester" : ifAny("source_address", role.sources),
            role.command.map { "force_command: \"\($0)\"" }, role.verifies ? "verify_required: true" : nil,
            role.endsSessions ? "end_session_at_expiry: true" : nil, ifAny("key_types", role.keyTypes ?? []),
        ]
    }

    private static func parts(of role: X509) -> [String?] {
        [
            ifAny("usage", role.usage), role.commonName.map { "common_name: \"\($0)\"" },
            ifAny("organizations", role.organizations), ifAny("dns", role.dns), ifAny("ips", role.ips),
            ifAny("emails", role.emails), ifAny("uris", role.uris), ifAny("key_types", role.keyTypes ?? []),
            role.saysNoRevocation ? "no_rev_avail: true" : nil,
        ]
    }

    private static func yaml(_ rule: Rule, isAllow: Bool) -> String {
        func demand(_ name: String, _ demand: Demand?) -> String? {
            demand.map {
                "\(name): {\(joined(["required: \($0.isRequired)", $0.beginning.map { "pattern: '^\($0)'" }]))}"
            }
        }
        let standard = rule.standard.map { "default: \($0)m" }
        let limits = [
            "lifetime: {\(joined([standard, "max: \(rule.most)m"]))}", demand("reason", rule.reason),
            demand("ticket", rule.ticket), rule.approval.map { "approval: {\(words($0))}" },
        ]
        let parts = [
            "id: \(rule.id)", "who: {\(joined(parts(of: rule.who)))}", "roles: \(list(rule.roles))",
            rule.insideOnly ? "networks: [10.0.0.0/8]" : nil, ifAny("during", rule.windows),
        ]
        return "  - {\(joined(parts + (isAllow ? limits : [])))}\n"
    }

    private static func words(_ approval: Approval) -> String {
        switch approval {
        case .steps: "steps: [{by: {groups: [leads]}}]"
        case .automatic(let grant): "automatic: true, grant: \(grant)m"
        case .breakGlass: "review: {by: {groups: [leads]}, within: 1d}"
        }
    }

    private static func parts(of who: Who) -> [String?] {
        if who.everyone { return ["everyone: true"] }
        return [
            ifAny("users", who.users + (who.domain.map { ["*@\($0)"] } ?? [])), ifAny("groups", who.groups),
            who.provider.map { "provider: \($0)" }, who.ref.isEmpty ? nil : "claims: {ref: \(list(who.ref))}",
            who.mfa.map { "mfa: \($0)" }, who.loginWithin.map { "authenticated_within: \($0)m" },
        ]
    }
}
