// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Policies

/// Random sets, people, requests and minutes: the real decision and the simplest one must be the same, to the last name in the
/// certificate.
@Suite struct `The reference` {
    static let seeds = Array(UInt64(1)...300)
    private static let requestsForEach = 40

    @Test(arguments: seeds)
    func `agrees with every decision`(seed: UInt64) throws {
        var world = ReferenceWorld(seed: seed)
        let reference = world.policies()
        let set = try PolicySet.load([PolicyFile(name: "p.yaml", text: reference.yaml)])
        for _ in 0..<Self.requestsForEach {
            let (person, request, minute) = (world.person(), world.request(of: reference.roles), world.minute())
            let expected = reference.decide(person, request, at: minute)
            let found = outcome(
                set.decide(person.identity(at: minute), try request.real, at: Date(timeIntervalSince1970: Double(minute * 60))))
            #expect(found == expected, "seed \(seed), minute \(minute), \(person), \(request)\n\(reference.yaml)")
            if found != expected { return }
        }
    }

    @Test(arguments: seeds)
    func `agrees with the choice of a role for a host, and with capabilities`(seed: UInt64) throws {
        var world = ReferenceWorld(seed: seed &+ 10_000)
        let reference = world.policies()
        let set = try PolicySet.load([PolicyFile(name: "p.yaml", text: reference.yaml)])
        for _ in 0..<10 {
            let (person, host, minute) = (world.person(), world.host(), world.minute())
            let identity = person.identity(at: minute)
            let instant = Date(timeIntervalSince1970: Double(minute * 60))
            let expected = reference.roleReaching(host, as: "deploy", person, reason: "INC-1", ticket: "T-1", at: minute)
            let found: ReferencePolicies.Choice =
                switch set.roleReaching(
                    host: try HostName(host), login: "deploy", reason: "INC-1", ticket: "T-1", for: identity, at: instant)
                {
                case .role(let role): .role(role)
                case .tie: .several
                case .none: .none
                }
            #expect(found == expected, "seed \(seed), minute \(minute), \(person), \(host)\n\(reference.yaml)")
            let audits = if case .allow = set.hasCapability(.auditRead, identity, at: instant) { true } else { false }
            #expect(audits == reference.has("audit.read", person, at: minute), "seed \(seed), \(person)\n\(reference.yaml)")
        }
    }

    /// A world in which nothing happens would agree with anything.
    @Test func `the random world meets every outcome often, and every kind of fact`() throws {
        var (counts, facts): ([String: Int], [String: Int]) = ([:], [:])
        for seed in Self.seeds {
            var world = ReferenceWorld(seed: seed)
            let reference = world.policies()
            for _ in 0..<Self.requestsForEach {
                let (person, request, minute) = (world.person(), world.request(of: reference.roles), world.minute())
                switch reference.decide(person, request, at: minute) {
                case .allow(_, let minutes, let found):
                    counts[request.lifetime == minutes ? "allow" : "allow less", default: 0] += 1
                    for word in Set(found.map { String($0.prefix { $0 != " " }) }) { facts[word, default: 0] += 1 }
                case .approval: counts["approval", default: 0] += 1
                case .deny(let rules):
                    let isByRole =
                        rules.isEmpty
                        && reference.roles[request.role].map {
                            reference.facts(of: $0, person, request) == nil
                        } ?? false
                    counts[isByRole ? "role" : rules.isEmpty ? "none" : "deny", default: 0] += 1
                }
            }
        }
        for outcome in ["allow", "allow less", "approval", "none", "role", "deny"] {
            #expect(counts[outcome, default: 0] > 200, "\(counts)")
        }
        let kinds = [
            "principal", "extension", "from", "command", "verifies", "ends", "key", "host", "usage", "CN", "O", "name",
            "unrevocable",
        ]
        for kind in kinds { #expect(facts[kind, default: 0] > 10, "\(facts)") }
    }

    private func outcome(_ decision: Decision) -> ReferencePolicies.Outcome {
        func minutes(_ lifetime: Duration) -> Int { Int(lifetime.components.seconds / 60) }
        return switch decision {
        case .allow(let permit): .allow(permit.rule.id, minutes(permit.lifetime), permit.subject.facts)
        case .needsApproval(let offer): .approval(offer.rule.id, minutes(offer.lifetime), offer.subject.facts)
        case .deny(let denial): .deny(denial.denyRules.map(\.id).sorted())
        }
    }
}

extension Permit.Subject {
    /// In the words of the reference.
    fileprivate var facts: Set<String> {
        var facts = (keyTypes ?? []).map { "key \($0.rawValue)" }
        switch self {
        case .ssh(let permit):
            facts += permit.principals.map { "principal \($0)" }
            // As on the wire: `permit-pty`.
            facts += permit.extensions.map { "extension \($0.dropFirst("permit-".count))" }
            facts += permit.sourceAddresses.map { "from \($0)" }
            if let command = permit.forceCommand { facts.append("command \(command)") }
            if permit.verifyRequired { facts.append("verifies") }
            if permit.endsSessionAtExpiry { facts.append("ends sessions") }
        case .sshHost(let permit): facts += permit.hosts.map { "host \($0)" }
        case .x509(let permit):
            facts += permit.usage.map { "usage \($0.rawValue)" } + permit.organizations.map { "O \($0)" }
            if let name = permit.commonName { facts.append("CN \(name)") }
            if permit.saysNoRevocation { facts.append("unrevocable") }
            let names = permit.names
            facts += (names.dns + names.emails + names.uris + names.ips.map(\.description)).map { "name \($0)" }
        }
        return Set(facts)
    }
}

extension ReferencePolicies.Person {
    func identity(at minute: Int) -> Identity {
        Identity(
            provider: provider, user: user, login: login, groups: groups.map { .known($0) } ?? .unknown,
            claims: claims.map { .known($0.mapValues(\.real)) } ?? .unknown, mfa: mfa.map { .known($0) } ?? .unknown,
            authenticatedAt: loginAge.map { .known(Date(timeIntervalSince1970: Double(minute * 60 - $0))) } ?? .unknown,
            address: address.flatMap { IPAddress($0) })
    }
}

extension ReferencePolicies.Claim {
    fileprivate var real: ClaimValue {
        switch self {
        case .text(let text): .string(text)
        case .list(let members): .list(members.map { .string($0) })
        case .absent: .absent
        }
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

    private var realSubject: AuthorizationRequest.Subject {
        get throws {
            switch what {
            case .ssh(let logins, let host): .ssh(logins: logins, host: try host.map { try HostName($0) })
            case .sshHost(let host): .sshHost(host: try HostName(host))
            case .x509(let names): .x509(names: try names.map { try X509Names(sorting: $0) })
            }
        }
    }

    var real: AuthorizationRequest {
        get throws {
            try AuthorizationRequest(
                role: role, what: try realSubject, lifetime: lifetime.map { .seconds($0 * 60) }, reason: reason, ticket: ticket,
                route: realRoute, keyType: keyType.flatMap { KeyType(rawValue: $0) })
        }
    }
}
