// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Policies

/// Random policy sets over a small world, so that rules meet often.
struct RandomPolicies {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    static let users = ["ana@example.com", "bo@example.com", "kim@agency.example"]
    static let groups = ["a", "b", "c", "d"]
    static let roles = ["one", "two", "two-b"]
    static let definitions = """
        zones: {web: {hosts: ["web*.example.com"]}, db: {hosts: ["db.example.com"]}}
        groups: {c: {members: [bo@example.com]}, d: {groups: [c, e]}, e: {members: [ana@example.com]}}
        roles:
          one: {ssh: {logins: [deploy, "{user.login}"], zones: [web], extensions: [pty], source_address: requester}}
          two: {ssh: {logins: [deploy, root], zones: [web, db], principals: [plain]}}
          two-b: {x509: {usage: [server], dns: [www.example.com, "*.web.example.com"], ips: ["192.0.2.1"]}}

        """

    mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    private mutating func condition() -> String {
        let who = pick([
            "{everyone: true}", "{groups: [\(pick(Self.groups))]}", "{groups: [a, b], mfa: true}", "{mfa: false}",
            "{user: \(pick(Self.users))}", "{users: [\"*@example.com\"]}", "{provider: ci, claims: {ref: main}}",
            "{users: [\"*@example.com\"], groups: [b]}", "{provider: ci, claims: {ref: \"ma*\"}}", "{provider: local}",
            "{authenticated_within: 15m}",
        ])
        return "who: \(who), roles: [\(pick(Self.roles + ["\"two*\""]))]" + pick(["", "", ", networks: [10.0.0.0/8]"])
    }

    mutating func allow(_ index: Int) -> String {
        let lifetime = pick(["{max: 30m}", "{default: 10m, max: 2h}", "{default: 1h, max: 8h}"])
        let reason = pick(["", "", ", reason: {required: true}", ", reason: {pattern: '^INC'}", ", ticket: {pattern: '^T'}"])
        let approval = pick(["", "", ", approval: {steps: [{by: {groups: [a]}}]}"])
        return "  - {id: r\(index), \(condition()), lifetime: \(lifetime)\(reason)\(approval)}\n"
    }

    mutating func deny(_ index: Int) -> String { "  - {id: d\(index), \(condition())}\n" }

    mutating func identity() -> Identity {
        let isWorkload = pick([false, false, true])
        return Identity(
            provider: isWorkload ? "ci" : "local", user: isWorkload ? nil : pick(Self.users), login: pick(["ana", nil, "x y"]),
            groups: pick([.unknown, .known([]), .known(["a"]), .known(["b", "c"])]),
            claims: pick([.unknown, .known([:]), .known(["ref": .string("main")]), .known(["ref": .absent])]),
            mfa: pick([.unknown, .known(true), .known(false)]),
            authenticatedAt: pick([.unknown, .known(anyTime - 60), .known(anyTime - 3600)]),
            address: pick([nil, IPAddress("10.1.1.1"), IPAddress("192.0.2.9")]))
    }

    mutating func request() throws -> AuthorizationRequest {
        let host = try pick([nil, nil, "web1.example.com", "db.example.com", "mail.example.com"]).map { try HostName($0) }
        let what: AuthorizationRequest.Subject
        let role = pick(Self.roles)
        if role == "two-b" {
            let names = pick([nil, ["www.example.com"], ["a.web.example.com"], ["evil.example.com"], ["192.0.2.1"]])
            what = .x509(names: try names.map { try X509Names(sorting: $0) })
        } else {
            what = .ssh(logins: pick([nil, nil, ["deploy"], ["root"], ["deploy", "root"]]), host: host)
        }
        return try AuthorizationRequest(
            role: role, what: what, lifetime: pick([nil, .seconds(60), .seconds(7200), .seconds(86_400)]),
            reason: pick([nil, "INC-1", "other"]), ticket: pick([nil, "T-1", "other"]), route: pick([.issue, .issue, .request]))
    }
}

@Suite struct `Properties of decisions` {
    static let seeds = Array(UInt64(1)...40)

    private func load(_ files: [PolicyFile]) throws -> PolicySet { try PolicySet.load(files) }

    /// What a person cares about: positions aside, for shuffling moves lines.
    private func essence(_ decision: Decision) -> String {
        switch decision {
        case .allow(let permit): "\(permit.rule.id) \(permit.lifetime) \(permit.subject)"
        case .needsApproval(let offer): "after approval \(offer.rule.id) \(offer.lifetime) \(offer.subject)"
        case .deny(let denial): "denied \(denial.denyRules.map(\.id))"
        }
    }

    @Test(arguments: seeds)
    func `shuffling files and rules changes nothing`(seed: UInt64) throws {
        var world = RandomPolicies(seed: seed)
        let allows = (0..<6).map { world.allow($0) }
        let denies = (0..<2).map { world.deny($0) }
        func files(_ allows: [String], _ denies: [String]) -> [PolicyFile] {
            [
                PolicyFile(name: "a.yaml", text: "version: 1\nallow:\n" + allows[..<3].joined() + "deny:\n" + denies.joined()),
                PolicyFile(name: "b.yaml", text: "version: 1\n" + RandomPolicies.definitions),
                PolicyFile(name: "c.yaml", text: "version: 1\nallow:\n" + allows[3...].joined()),
            ]
        }
        let original = try load(files(allows, denies))
        #expect(try load(files(allows, denies).reversed()).digest == original.digest)
        let shuffled = try load(files(allows.shuffled(using: &world.random), denies.reversed()).shuffled(using: &world.random))
        for _ in 0..<40 {
            let (identity, request) = (world.identity(), try world.request())
            #expect(essence(original.answer(identity, request)) == essence(shuffled.answer(identity, request)))
        }
    }

    @Test(arguments: seeds)
    func `adding a deny never allows more`(seed: UInt64) throws {
        var world = RandomPolicies(seed: seed &+ 1_000)
        let text =
            RandomPolicies.definitions + "allow:\n" + (0..<6).map { world.allow($0) }.joined() + "deny:\n" + world.deny(0)
        let (before, after) = (try policies(text), try policies(text + world.deny(1)))
        for _ in 0..<40 {
            let (identity, request) = (world.identity(), try world.request())
            let (earlier, later) = (before.answer(identity, request), after.answer(identity, request))
            if later.denial == nil { #expect(earlier == later) }
        }
    }

    @Test(arguments: seeds)
    func `knowing less never allows more`(seed: UInt64) throws {
        var world = RandomPolicies(seed: seed &+ 2_000)
        let set = try policies(
            RandomPolicies.definitions + "allow:\n" + (0..<6).map { world.allow($0) }.joined() + "deny:\n" + world.deny(0))
        for _ in 0..<40 {
            let (identity, request) = (world.identity(), try world.request())
            var vaguer = identity
            switch world.pick([0, 1, 2, 3, 4]) {
            case 0: vaguer.groups = .unknown
            case 1: vaguer.claims = .unknown
            case 2: vaguer.mfa = .unknown
            case 3: vaguer.authenticatedAt = .unknown
            default: vaguer.address = nil
            }
            let (less, more) = (set.answer(vaguer, request), set.answer(identity, request))
            if less.denial == nil { #expect(more.denial == nil) }
            // To the request route a permit is the answer when there is nothing to approve, and that may be known.
            guard request.route == .issue, let permit = less.permit else { continue }
            let full = try #require(more.permit)
            #expect(full.lifetime >= permit.lifetime)
        }
    }

    @Test(arguments: seeds)
    func `nothing is given without the approval its rule asks for`(seed: UInt64) throws {
        var world = RandomPolicies(seed: seed &+ 5_000)
        let set = try policies(RandomPolicies.definitions + "allow:\n" + (0..<8).map { world.allow($0) }.joined())
        let asking = Set(set.allows.filter { $0.approval != nil }.map(\.reference.id))
        for _ in 0..<60 {
            switch set.answer(world.identity(), try world.request()) {
            case .allow(let permit): #expect(!asking.contains(permit.rule.id))
            case .needsApproval(let offer): #expect(asking.contains(offer.rule.id))
            case .deny: continue
            }
        }
    }

    @Test(arguments: seeds)
    func `the route changes what is given, never whether anything is`(seed: UInt64) throws {
        var world = RandomPolicies(seed: seed &+ 6_000)
        let set = try policies(
            RandomPolicies.definitions + "allow:\n" + (0..<8).map { world.allow($0) }.joined() + "deny:\n" + world.deny(0))
        for _ in 0..<40 {
            let (identity, request) = (world.identity(), try world.request())
            let answers = try [AuthorizationRequest.Route.issue, .request].map { route in
                set.answer(
                    identity,
                    try AuthorizationRequest(
                        role: request.role, what: request.what, lifetime: request.lifetime, reason: request.reason,
                        ticket: request.ticket, route: route))
            }
            #expect(answers[0].denial == answers[1].denial)
            // To ask for approval where none is needed changes nothing; to issue where only approval gives asks for it.
            if answers[1].permit != nil || answers[0].offer != nil { #expect(answers[0] == answers[1]) }
        }
    }

    @Test(arguments: seeds)
    func `narrowing a request never gets more`(seed: UInt64) throws {
        var world = RandomPolicies(seed: seed &+ 3_000)
        let denies = (0..<world.pick([1, 1, 2])).map { world.deny($0) }
        let set = try policies(
            RandomPolicies.definitions + "allow:\n" + (0..<6).map { world.allow($0) }.joined() + "deny:\n" + denies.joined())
        for _ in 0..<60 {
            let (identity, request) = (world.identity(), try world.request())
            let narrower = try narrowed(request, &world)
            guard let permit = set.answer(identity, narrower).permit else { continue }
            let answer = set.answer(identity, request)
            // To ask for a login the role does not have is a mistake, which is refused, and not a wide request.
            if case .deny(let denial) = answer, case .outsideRole(_, .loginOutside)? = denial.reasons.first { continue }
            let wide = try #require(answer.permit)
            #expect(permit.lifetime <= wide.lifetime)
            switch (permit.subject, wide.subject) {
            case (.ssh(let narrow), .ssh(let wide)):
                #expect(Set(narrow.principals.map(zoned)).isSubset(of: Set(wide.principals.flatMap { [$0, zoned($0)] })))
                #expect(narrow.extensions == wide.extensions && narrow.sourceAddresses == wide.sourceAddresses)
            case (.x509(let narrow), .x509(let wide)):
                #expect(Set(narrow.names.dns).isSubset(of: wide.names.dns))
                #expect(Set(narrow.names.ips).isSubset(of: wide.names.ips))
            default: Issue.record("another kind of certificate")
            }
        }
    }

    /// One host is part of the zone that holds it.
    private func zoned(_ principal: String) -> String {
        principal.replacing("@host:web1.example.com", with: "@zone:web").replacing("@host:db.example.com", with: "@zone:db")
    }

    private func narrowed(_ request: AuthorizationRequest, _ world: inout RandomPolicies) throws -> AuthorizationRequest {
        var what = request.what
        switch what {
        case .ssh(let logins, let host):
            what = .ssh(
                logins: logins.map { Array($0.prefix(1)) } ?? ["deploy"],
                host: try host ?? world.pick([nil, HostName("web1.example.com")]))
        case .x509(let names?):
            what = .x509(names: try X509Names(dns: Array(names.dns.prefix(1)), ips: Array(names.ips.prefix(1))))
        case .x509(nil): what = .x509(names: try X509Names(sorting: ["www.example.com"]))
        case .sshHost: break
        }
        let lifetime = request.lifetime.map { min($0, .seconds(world.pick([30, 3600]))) }
        return try AuthorizationRequest(
            role: request.role, what: what, lifetime: lifetime, reason: request.reason, ticket: request.ticket,
            route: request.route)
    }
}

@Suite struct `Digests` {
    @Test func `a digest covers names and bytes, not the order`() throws {
        let one = PolicyFile(name: "a", text: "version: 1\n")
        let two = PolicyFile(name: "b", text: "version: 1 \n")
        let digest = try PolicySet.load([one, two]).digest
        #expect(digest.hasPrefix("sha256:") && digest.utf8.count == 71)
        #expect(try PolicySet.load([two, one]).digest == digest)
        #expect(try PolicySet.load([PolicyFile(name: "c", text: "version: 1\n"), two]).digest != digest)
        #expect(try PolicySet.load([one, PolicyFile(name: "b", text: "version: 1\n")]).digest != digest)
        #expect(try PolicySet.load([one]).digest != digest)
        // What messages call a file is where it lies, and that is no part of what the set says.
        let elsewhere = [one, two].map { PolicyFile(name: "/srv/\($0.name)", bytes: $0.bytes, digestName: $0.name) }
        #expect(try PolicySet.load(elsewhere).digest == digest)
    }

    /// `printf` of the framing, piped into sha256sum, gives the same.
    @Test func `a digest is what sha256sum says`() throws {
        let digest = try PolicySet.load([PolicyFile(name: "a", text: "version: 1\n")]).digest
        #expect(digest == "sha256:dd359bf66bf46277d9c14705c13e3278307d48e52bdde0adca272c431e235fac")
    }
}
