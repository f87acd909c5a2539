// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// A small world in which rules meet often, and values that would like to be more than one name.
struct ReferenceWorld {
    private var random: SeededGenerator
    /// The minute at which clocks are changed; in one world of five the days are those before the first turn of duty.
    private let change: Int?
    /// The first of the days in which everything happens, since 1970-01-01.
    private let firstDay: Int

    private var isInNewYork: Bool {
        change == ReferencePolicies.Clocks.springInNewYork || change == ReferencePolicies.Clocks.autumnInNewYork
    }

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        typealias Clocks = ReferencePolicies.Clocks
        change =
            [nil, Clocks.springInNewYork, Clocks.springInBerlin, Clocks.autumnInBerlin, Clocks.autumnInNewYork][Int(seed % 5)]
        firstDay = (change.map { $0 / 1440 } ?? ReferencePolicies.firstTurn) - 1
    }

    private static let users = ["ana@example.com", "bo@example.com", "kim@agency.example"]
    private static let groups = ["a", "b", "duty", "all", "wide"]

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func policies() -> ReferencePolicies {
        var set = ReferencePolicies()
        set.zones = [
            "web": ["web*.example.com", "192.0.2.10"],
            "db": [pick(["db.example.com", "db*.example.com"]), "*.lab.example.com"],
        ]
        set.windows = [
            "office": .init(days: 0...4, from: 8, to: 18, timeZone: pick(["UTC", "Europe/Berlin", "America/New_York"])),
            "night": .init(days: 0...6, from: 22, to: 6, timeZone: pick(["UTC", "Europe/Berlin"])),
            "weekend": .init(days: 5...6, from: pick([0, 9]), to: pick([12, 20])),
            "freeze": .init(
                days: 0...6, from: pick([0, 20]), to: pick([24, 4]),
                dates: (firstDay + 7)...(firstDay + 7 + pick([0, 3]))),
            // The hours that are skipped, or come twice, when clocks are changed.
            "early": .init(
                days: 0...6, from: pick([0, 1, 2]), to: pick([1, 2, 3]),
                timeZone: isInNewYork ? "America/New_York" : "Europe/Berlin"),
        ]
        set.members = ["b": [pick(Self.users)]]
        set.rotations = [
            "duty": .init(
                members: Array(Self.users.prefix(pick([1, 2, 3]))), hour: pick([9, 2, 1]),
                timeZone: pick(["UTC", "Europe/Berlin", "America/New_York"]))
        ]
        if chance(50) {
            set.rotations["duty"]?.overrides = [
                firstDay + 1: [pick(Self.users)], firstDay + 10: ["eve@x.example"],
            ]
        }
        set.nested = ["all": [pick(["a", "b"]), "duty"], "wide": ["all", "x"]]
        set.roles = roles()
        let names = set.roles.keys.sorted()
        for index in 0..<pick([2, 4, 6]) {
            var rule = rule("r\(index)", names)
            rule.standard = pick([nil, 10, 30, 60])
            rule.most = (rule.standard ?? 20) * pick([1, 4, 24])
            if chance(20) { rule.reason = .init(isRequired: chance(60), beginning: pick(["INC", nil])) }
            if chance(15) { rule.ticket = .init(isRequired: chance(60), beginning: pick(["T", nil])) }
            rule.approval = pick([nil, nil, nil, .steps, .breakGlass, .automatic(rule.most * pick([1, 3]))])
            set.allows.append(rule)
        }
        for index in 0..<pick([0, 1, 2]) { set.denies.append(rule("d\(index)", names + ["*"])) }
        makeUnrevocable(&set)
        set.roles["auditor"] = .init(capabilities: ["audit.read"])
        set.allows.append(rule("auditors", ["auditor"]))
        return set
    }

    /// Of what is not revocable rules give a quarter of an hour, at once.
    private mutating func makeUnrevocable(_ set: inout ReferencePolicies) {
        guard chance(30), let name = set.roles.keys.sorted().last(where: { set.roles[$0]?.x509 != nil }) else { return }
        set.roles[name]?.x509?.saysNoRevocation = true
        for index in set.allows.indices
        where set.allows[index].roles.contains(where: { ReferencePolicies.matches(name, $0) }) {
            set.allows[index].standard = set.allows[index].standard.map { min($0, 10) }
            set.allows[index].most = min(set.allows[index].most, 15)
            set.allows[index].approval = nil
        }
    }

    /// Two or three of all kinds.
    private mutating func roles() -> [String: ReferencePolicies.Role] {
        var roles: [String: ReferencePolicies.Role] = [:]
        for kind in [
            pick(["shell", "shell", "own"]), pick(["host", "web", "id", "plain", "root"]), pick(["both", "both", "web", "id"]),
        ] {
            var role = ReferencePolicies.Role()
            switch kind {
            case "shell": role.ssh = shell(logins: [["deploy"], ["deploy", "root"], ["deploy", "{user.login}"]])
            case "root": role.ssh = shell(logins: [["deploy", "root"]])
            case "own": role.ssh = shell(logins: [["{user.login}"], ["adm-{claims.team}"], ["{user.name}", "root"]])
            case "plain": role.ssh = .init(principals: ["web-admins", "ops:all"], extensions: pick([[], ["pty"]]))
            case "host": role.hostZones = pick([["web"], ["web", "db"]])
            case "web": role.x509 = server()
            case "id": role.x509 = client()
            default:
                role.ssh = shell(logins: [["deploy"]])
                role.x509 = pick([client(), server()])
            }
            roles[pick(["", "prod-"]) + kind] = role
        }
        return roles
    }

    private mutating func shell(logins: [[String]]) -> ReferencePolicies.SSH {
        .init(
            logins: pick(logins), zones: pick([["web"], ["web", "db"]]), principals: pick([[], [], ["web-admins"]]),
            extensions: pick([[], ["pty"], ["pty", "port-forwarding"]]),
            sources: pick([[], [], ["requester"], ["10.0.0.0/8", "192.0.2.0/24"]]), command: pick([nil, nil, "uptime -p"]),
            verifies: chance(15), endsSessions: chance(15), keyTypes: pick([nil, nil, ["sk-ed25519"]]))
    }

    private mutating func server() -> ReferencePolicies.X509 {
        .init(
            usage: pick([["server"], ["client", "server"]]), commonName: pick([nil, nil, "www"]),
            dns: pick([
                ["www.example.com"], ["www.example.com", "*.web.example.com"], ["*.web.example.com"],
                ["{user.login}.lab.example.com", "w*b.{claims.team}.example.com"], ["{user.domain}", "a.{user.domain}"],
            ]), ips: pick([[], ["192.0.2.10"]]), keyTypes: pick([nil, nil, ["ecdsa-p256", "rsa"]]))
    }

    private mutating func client() -> ReferencePolicies.X509 {
        .init(
            usage: ["client"], commonName: pick(["{user.name}", "{user.login}", "orders", "{claims.team} of {user.domain}"]),
            organizations: pick([[], ["viewers", "team:{claims.team}"], ["{claims.team}"], ["system:masters"]]),
            emails: pick([[], [], ["{user.name}"], ["{user.login}@example.com"], ["{claims.team}"]]),
            uris: pick([
                [], [], ["spiffe://example.com/db/{user.login}"], ["spiffe://example.com/{claims.team}/x"],
                ["https://example.com/{user.login}", "https://example.com/all"],
            ]), keyTypes: pick([nil, nil, ["ecdsa-p256"]]))
    }

    private mutating func rule(_ id: String, _ roles: [String]) -> ReferencePolicies.Rule {
        let prefixes = roles.contains { $0.hasPrefix("prod-") } ? [["prod-*"]] : []
        var rule = ReferencePolicies.Rule(id: id, roles: pick([roles, [pick(roles)], [pick(roles)]] + prefixes))
        rule.insideOnly = chance(15)
        if chance(40) {
            let often = change == nil ? [] : ["early", "early", "early"]
            rule.windows = chance(30) ? ["office", "night"] : [pick(["office", "night", "weekend", "freeze"] + often)]
        }
        switch pick([0, 0, 0, 1, 2, 3, 4, 5, 6, 7]) {
        case 0 where !id.hasPrefix("d"): rule.who.everyone = true
        case 0: rule.who.groups = ["x"]
        case 1: rule.who.groups = [pick(Self.groups)]
        case 2: rule.who.groups = [pick(Self.groups), "x"]
        case 3: rule.who.users = [pick(Self.users)]
        case 4:
            rule.who.domain = "example.com"
            rule.who.mfa = pick([true, false, nil])
        case 5:
            rule.who.provider = "ci"
            rule.who.ref = pick([["main"], ["rel/*"], ["rel/1", "main"], ["rel/**"], ["*/1"]])
        case 6:
            rule.who.groups = [pick(Self.groups)]
            rule.who.loginWithin = pick([5, 60])
        default:
            rule.who.mfa = pick([true, false])
        }
        return rule
    }

    mutating func person() -> ReferencePolicies.Person {
        var person = ReferencePolicies.Person()
        if chance(25) {
            person.provider = "ci"
            person.claims = pick([
                nil, [:], ["ref": .text("main")], ["ref": .text("rel/1")], ["ref": .text("rel/1/x")],
                ["ref": .list(["x", "rel/1"])], ["ref": .absent],
            ])
            person.groups = []
        } else {
            person.user = pick(Self.users)
            person.login = person.user.map { String($0.prefix { $0 != "@" }) }
            person.groups = pick([nil, [], [], ["a"], ["a"], ["x"], ["all"]])
            person.claims = [:]
        }
        if chance(15) { person.user = pick(["ana", "x@y@z", "eve@x.example"]) }
        if chance(25) {
            person.login = pick([nil, "Ana", "a,root", "*", "a b", "root ", "-x", "..", "1a", "a.b", "x@host:db.example.com"])
        }
        if chance(70) {
            person.claims?["team"] = pick([
                .text("shop"), .text("shop"), .text("x:y"), .text("a b"), .text("*"), .text("a.b"), .text("me@example.com"),
                .text(".."), .list(["shop"]), .absent,
            ])
        }
        person.mfa = pick([nil, true, true, false])
        person.loginAge = pick([nil, -61, -60, 0, 300, 301, 4000])
        person.address = pick([nil, "10.1.2.3", "10.1.2.3", "192.0.2.7"])
        return person
    }

    mutating func request(of roles: [String: ReferencePolicies.Role]) -> ReferencePolicies.Request {
        let name = chance(97) ? pick(roles.keys.sorted().filter { $0 != "auditor" }) : "none"
        let role = roles[name]
        var kinds: [ReferencePolicies.What] = []
        if role?.ssh != nil { kinds.append(ssh()) }
        if role?.hostZones != nil { kinds.append(.sshHost(host())) }
        if role?.x509 != nil { kinds.append(.x509(names: names())) }
        if kinds.isEmpty || chance(5) { kinds = [ssh(), .sshHost(host()), .x509(names: nil)] }
        return ReferencePolicies.Request(
            role: name, what: pick(kinds),
            keyType: pick([nil, nil, nil, nil, nil, nil, "ed25519", "sk-ed25519", "ecdsa-p256", "rsa"]),
            lifetime: pick([nil, 5, 45, 300, 2000]), reason: pick([nil, "INC-1", "INC-1", "other"]),
            ticket: pick([nil, "T-1", "T-1", "x"]), route: pick([.issue, .issue, .issue, .request, .breakGlass]))
    }

    private mutating func ssh() -> ReferencePolicies.What {
        .ssh(
            logins: pick([nil, nil, nil, ["deploy"], ["root"], ["ana"], ["deploy", "root"]]),
            host: chance(50) ? nil : host())
    }

    mutating func host() -> String {
        pick([
            "web1.example.com", "web1.example.com", "web.example.com", "db.example.com", "x.lab.example.com", "192.0.2.10",
            "a.web1.example.com", "lab.example.com", "mail.example.com",
        ])
    }

    private mutating func names() -> [String]? {
        pick([
            nil, nil, nil, [], ["www.example.com"], ["a.web.example.com"], ["www.example.com", "b.web.example.com"],
            ["a.b.web.example.com"], ["192.0.2.10"], ["ana.lab.example.com"], ["web.shop.example.com"],
            ["wb.shop.example.com", "ana.lab.example.com"], ["example.com"], ["ana@example.com"],
            ["spiffe://example.com/db/ana"], ["web.example.com"],
        ])
    }

    /// Often in the hours around the change of clocks, and at an edge.
    mutating func minute() -> Int {
        let minute =
            if let change, chance(50) {
                change + Int.random(in: -150...150, using: &random)
            } else {
                (firstDay * 24 + 12) * 60 + Int.random(in: 0..<(40 * 24 * 60), using: &random)
            }
        return chance(40) ? minute / 60 * 60 + pick([-1, 0, 1]) : minute
    }
}
