// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Policies

/// Random sets, people, requests and minutes: the real decision and the simplest one must be the same.
@Suite struct `The reference` {
    static let seeds = Array(UInt64(1)...100)
    private static let requestsForEach = 40

    @Test(arguments: seeds)
    func `agrees with every decision`(seed: UInt64) throws {
        var world = ReferenceWorld(seed: seed)
        let reference = world.policies()
        let set = try PolicySet.load([PolicyFile(name: "p.yaml", text: reference.yaml)])
        for _ in 0..<Self.requestsForEach {
            let (person, request, minute) = (world.person(), world.request(), world.minute())
            let expected = reference.decide(person, request, at: minute)
            let found = outcome(
                set.decide(person.identity(at: minute), try request.real, at: Date(timeIntervalSince1970: Double(minute * 60))))
            #expect(found == expected, "seed \(seed), minute \(minute), \(person), \(request)\n\(reference.yaml)")
            if found != expected { return }
        }
    }

    @Test func `the random world meets every outcome often`() throws {
        var counts: [String: Int] = [:]
        for seed in Self.seeds {
            var world = ReferenceWorld(seed: seed)
            let reference = world.policies()
            for _ in 0..<Self.requestsForEach {
                let request = world.request()
                let minute = world.minute()
                switch reference.decide(world.person(), request, at: minute) {
                case .allow(_, let minutes): counts[request.lifetime == minutes ? "allow" : "allow less", default: 0] += 1
                case .approval: counts["approval", default: 0] += 1
                case .deny(let rules): counts[rules.isEmpty ? "none" : "deny", default: 0] += 1
                }
            }
        }
        for outcome in ["allow", "allow less", "approval", "none", "deny"] {
            #expect(counts[outcome, default: 0] > 100, "\(counts)")
        }
    }

    private func outcome(_ decision: Decision) -> ReferencePolicies.Outcome {
        switch decision {
        case .allow(let permit): .allow(permit.rule.id, Int(permit.lifetime.components.seconds / 60))
        case .needsApproval(let offer): .approval(offer.rule.id, Int(offer.lifetime.components.seconds / 60))
        case .deny(let denial): .deny(denial.denyRules.map(\.id).sorted())
        }
    }
}

extension ReferencePolicies.Person {
    func identity(at minute: Int) -> Identity {
        Identity(
            provider: provider, user: user, groups: groups.map { .known($0) } ?? .unknown,
            claims: claims.map { .known($0.mapValues { .string($0) }) } ?? .unknown,
            mfa: mfa.map { .known($0) } ?? .unknown,
            authenticatedAt: loginAge.map { .known(Date(timeIntervalSince1970: Double(minute * 60 - $0))) } ?? .unknown,
            address: isInside.flatMap { IPAddress($0 ? "10.1.2.3" : "192.0.2.7") })
    }
}

extension ReferencePolicies.Request {
    private var realRoute: AuthorizationRequest.Route {
        switch route {
        case .issue: .issue
        case .request: .request
        case .breakGlass: .breakGlass
        }
    }

    var real: AuthorizationRequest {
        get throws {
            try AuthorizationRequest(
                role: "shell", what: .ssh(logins: nil, host: nil), lifetime: lifetime.map { .seconds($0 * 60) },
                reason: reason, ticket: ticket, route: realRoute)
        }
    }
}

/// A small world in which rules meet often.
private struct ReferenceWorld {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private static let users = ["ana@example.com", "bo@example.com", "kim@agency.example"]
    private static let groups = ["a", "b", "duty", "all"]

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: choices.indices, using: &random)]
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func policies() -> ReferencePolicies {
        var set = ReferencePolicies()
        set.windows = [
            "office": .init(days: 0...4, from: 8, to: 18), "night": .init(days: 0...6, from: 22, to: 6),
            "weekend": .init(days: 5...6, from: pick([0, 9]), to: pick([12, 20])),
        ]
        set.members = ["b": [pick(Self.users)]]
        set.rotations = ["duty": Array(Self.users.prefix(pick([1, 2, 3])))]
        set.nested = ["all": [pick(["a", "b"]), "duty"]]
        for index in 0..<pick([2, 4, 6]) {
            var rule = rule("r\(index)")
            rule.standard = pick([10, 30, 60])
            rule.most = rule.standard * pick([1, 4, 24])
            if chance(20) { rule.reason = "INC" }
            if chance(15) { rule.ticket = "T" }
            rule.needsApproval = chance(40)
            rule.breaksGlass = rule.needsApproval && chance(30)
            rule.approvesItself = rule.needsApproval && !rule.breaksGlass && chance(40)
            set.allows.append(rule)
        }
        for index in 0..<pick([0, 1, 2]) { set.denies.append(rule("d\(index)")) }
        return set
    }

    private mutating func rule(_ id: String) -> ReferencePolicies.Rule {
        var rule = ReferencePolicies.Rule(id: id)
        rule.insideOnly = chance(20)
        if chance(40) { rule.windows = chance(30) ? ["office", "night"] : [pick(["office", "night", "weekend"])] }
        switch pick([0, 1, 2, 3, 4, 5, 6, 7]) {
        case 0: rule.who.everyone = true
        case 1: rule.who.groups = [pick(Self.groups)]
        case 2: rule.who.groups = [pick(Self.groups), "x"]
        case 3: rule.who.users = [pick(Self.users)]
        case 4:
            rule.who.domain = "example.com"
            rule.who.mfa = pick([true, false, nil])
        case 5:
            rule.who.provider = "ci"
            rule.who.ref = pick(["main", "rel/*", "rel/1"])
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
            person.claims = pick([nil, [:], ["ref": "main"], ["ref": "rel/1"], ["ref": "rel/1/x"]])
            person.groups = []
        } else {
            person.user = pick(Self.users)
            person.groups = pick([nil, [], ["a"], ["x"], ["all"]])
            person.claims = [:]
        }
        person.mfa = pick([nil, true, false])
        person.loginAge = pick([nil, 0, 300, 301, 4000])
        person.isInside = pick([nil, true, true, false])
        return person
    }

    mutating func request() -> ReferencePolicies.Request {
        ReferencePolicies.Request(
            lifetime: pick([nil, 5, 45, 300, 2000]), reason: pick([nil, "INC-1", "other"]), ticket: pick([nil, "T-1", "x"]),
            route: pick([.issue, .issue, .issue, .request, .breakGlass]))
    }

    /// From a little before the first hand-over to some weeks after it; often at an edge.
    mutating func minute() -> Int {
        let start = ReferencePolicies.firstHandOver - 600
        let minute = start + Int.random(in: 0..<(40 * 24 * 60), using: &random)
        return chance(40) ? minute / 60 * 60 + pick([-1, 0, 1]) : minute
    }
}
