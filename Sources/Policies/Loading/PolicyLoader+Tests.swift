// SPDX-License-Identifier: Apache-2.0

import StrictYAML

import struct FoundationEssentials.Date

extension PolicyLoader {
    mutating func readTests(_ node: YAMLNode) {
        for member in list(node, "`tests`") ?? [] {
            guard let fields = fields(member, "a test", known: ["it", "who", "at", "asks", "expect"]) else { continue }
            let name = required(fields, "it", of: "a test").flatMap { text($0, "`it`") }
            let instant = testInstant(fields["at"])
            let who = required(fields, "who", of: "a test").flatMap { testIdentity($0, at: instant) }
            let question = required(fields, "asks", of: "a test").flatMap { testQuestion($0) }
            let expectation = required(fields, "expect", of: "a test").flatMap { testExpectation($0) }
            guard let name, let who, let instant, let question, let expectation else { continue }
            tests.append(
                PolicyTest(
                    name: name, position: member.position, identity: who, instant: instant, question: question,
                    expectation: expectation))
        }
    }

    /// What is left out is known not to be there, except the address and the time of the login.
    private mutating func testIdentity(_ node: YAMLNode, at instant: Date?) -> Identity? {
        let known = ["user", "login", "groups", "provider", "claims", "mfa", "authenticated_ago", "network"]
        guard let fields = fields(node, "`who` of a test", known: known) else { return nil }
        var claims: [String: ClaimValue] = [:]
        for entry in fields["claims"].flatMap({ entries($0, "`claims`") }) ?? [] {
            let what = "claim `\(printable: entry.key)`"
            if case .list = entry.value.value {
                claims[entry.key] = .list((list(entry.value, what) ?? []).compactMap { claimValue($0, what) })
            } else {
                claims[entry.key] = claimValue(entry.value, what)
            }
        }
        var address: IPAddress?
        if let node = fields["network"], let text = text(node, "`network`") {
            address = IPAddress(text)
            if address == nil { problems.add(node.position, "`\(text)` is not an IP address; a request comes from one") }
        }
        var authenticatedAt = Known<Date>.unknown
        if let ago = fields["authenticated_ago"].flatMap({ duration($0, "`authenticated_ago`") }), let instant {
            authenticatedAt = .known(instant.addingTimeInterval(-Double(ago.components.seconds)))
        }
        return Identity(
            provider: fields["provider"].flatMap { text($0, "`provider`") } ?? "local",
            user: fields["user"].flatMap { text($0, "`user`") },
            login: fields["login"].flatMap { text($0, "`login`") },
            groups: .known(Set(fields["groups"].map { texts($0, "`groups`").map(\.text) } ?? [])),
            claims: .known(claims),
            mfa: .known(fields["mfa"].flatMap { flag($0, "`mfa`") } ?? false),
            authenticatedAt: authenticatedAt, address: address)
    }

    /// Without `at`, the first second of 2026.
    private mutating func testInstant(_ node: YAMLNode?) -> Date? {
        guard let node else { return Date(timeIntervalSince1970: 1_767_225_600) }
        return time(node, "`at`")
    }

    private mutating func time(_ node: YAMLNode, _ what: String) -> Date? {
        guard let text = text(node, what) else { return nil }
        guard let instant = Timestamp.parse(text) else {
            problems.add(node.position, "`\(text)` is not a time; expected the form `2026-11-23T10:00:00Z`")
            return nil
        }
        return instant
    }

    private mutating func testQuestion(_ node: YAMLNode) -> PolicyTest.Question? {
        let known = ["role", "lifetime", "reason", "ticket", "route", "host", "login", "names"]
        guard let fields = fields(node, "`asks`", known: known),
            let roleNode = required(fields, "role", of: "`asks`"), let roleName = text(roleNode, "`role`")
        else { return nil }
        guard let role = roles[roleName] else {
            problems.add(roleNode.position, unknown("role", roleName, among: roles.keys))
            return nil
        }
        let details = RequestDetail.allCases.filter { fields[$0.rawValue] != nil }
        guard let kind = role.kind(asking: details) else {
            if known.dropFirst().contains(where: { fields[$0] != nil }) {
                problems.add(node.position, "role `\(roleName)` issues no certificates; ask for the role alone")
            }
            return .capabilities(role: roleName)
        }
        for detail in details where !kind.details.contains(detail) {
            guard let node = fields[detail.rawValue] else { continue }
            problems.add(
                node.position, "`\(detail.rawValue)` has no meaning for \(kind.certificateName) of role `\(roleName)`")
        }
        let login = fields["login"].flatMap { text($0, "`login`") }
        let names = fields["names"].map { texts($0, "`names`").map(\.text) }
        let host = fields["host"].flatMap { node in
            text(node, "`host`").flatMap { text in
                attempt(node.position) { () throws(HostNameError) in try HostName(text) }
            }
        }
        if kind == .sshHost, fields["host"] == nil {
            problems.add(node.position, "`asks` needs `host`, because role `\(roleName)` issues SSH host certificates")
        }
        let lifetime = fields["lifetime"].flatMap { duration($0, "`lifetime`") }
        let reason = fields["reason"].flatMap { text($0, "`reason`") }
        let ticket = fields["ticket"].flatMap { text($0, "`ticket`") }
        let route = fields["route"].flatMap { word($0, "`route`", as: AuthorizationRequest.Route.self) } ?? .issue
        let request = attempt(node.position) { () throws(RequestError) -> AuthorizationRequest? in
            let what: AuthorizationRequest.Subject
            switch (kind, host) {
            case (.ssh, _): what = .ssh(logins: login.map { [$0] }, host: host)
            case (.sshHost, let host?): what = .sshHost(host: host)
            case (.sshHost, nil): return nil
            case (.x509, _): what = .x509(names: try names.map { names throws(RequestError) in try X509Names(sorting: names) })
            }
            return try AuthorizationRequest(
                role: roleName, what: what, lifetime: lifetime, reason: reason, ticket: ticket, route: route)
        }
        return (request ?? nil).map { .certificate($0) }
    }

    private mutating func testExpectation(_ node: YAMLNode) -> PolicyTest.Expectation? {
        let outcomes = ["allow", "approval", "deny"]
        let details = PermitExpectation.listKeys + PermitExpectation.textKeys + ["lifetime", "ends"]
        guard let fields = fields(node, "`expect`", known: outcomes + details) else { return nil }
        guard outcomes.filter({ fields[$0] != nil }).count == 1 else {
            problems.add(node.position, "`expect` needs one of `allow: RULE`, `approval: RULE` and `deny`")
            return nil
        }
        if let deny = fields["deny"] {
            for key in details where fields[key] != nil {
                problems.add(node.position, "`\(key)` has no meaning when a refusal is expected")
            }
            if case .scalar("true", isPlain: true) = deny.value { return .deny(rule: nil) }
            return rule(deny, "`deny`", "deny rule", among: denies.map(\.reference.id)).map { .deny(rule: $0) }
        }
        let permit = permitExpectation(fields)
        if let approval = fields["approval"] {
            let ids = allows.filter { $0.approval != nil }.map(\.reference.id)
            return rule(approval, "`approval`", "allow rule with `approval`", among: ids).map { .approval(rule: $0, permit) }
        }
        guard let allow = fields["allow"] else { return nil }
        return rule(allow, "`allow`", "allow rule", among: allows.map(\.reference.id)).map { .allow(rule: $0, permit) }
    }

    private mutating func permitExpectation(_ fields: Fields) -> PermitExpectation {
        var permit = PermitExpectation()
        permit.lifetime = fields["lifetime"].flatMap { duration($0, "`lifetime`") }
        permit.ends = fields["ends"].flatMap { time($0, "`ends`") }
        for key in PermitExpectation.listKeys {
            guard let node = fields[key] else { continue }
            // That there is none must be said; what is left out is not looked at.
            let isNone = if case .list(let members) = node.value { members.isEmpty } else { false }
            permit.lists[key] = isNone ? [] : texts(node, "`\(key)`").map(\.text).sorted()
        }
        for key in PermitExpectation.textKeys {
            if let node = fields[key], let text = text(node, "`\(key)`") { permit.texts[key] = text }
        }
        return permit
    }

    private mutating func rule(_ node: YAMLNode, _ key: String, _ kind: String, among ids: [String]) -> String? {
        guard let id = text(node, key) else { return nil }
        if ids.contains(id) { return id }
        problems.add(node.position, unknown(kind, id, among: ids))
        return nil
    }
}
