// SPDX-License-Identifier: Apache-2.0

package import StrictYAML

package import struct FoundationEssentials.Date

/// How one test of the files went. `differences` empty: it passed.
package struct PolicyTestResult: Hashable, Sendable {
    package let name: String
    package let position: SourcePosition
    package let differences: [String]

    package var passed: Bool { differences.isEmpty }
}

extension PolicyTestResult: CustomStringConvertible {
    package var description: String {
        passed ? "\(position.fileAndLine): \(name)" : "\(position.fileAndLine): \(name): " + differences.joined(separator: "; ")
    }
}

extension PolicySet {
    /// Runs every test of the files, in the order of files and lines.
    package func runTests() -> [PolicyTestResult] {
        tests.map { PolicyTestResult(name: $0.name, position: $0.position, differences: differences($0)) }
    }

    /// The ids of the rules that decided a test.
    var exercisedRules: Set<String> {
        tests.reduce(into: []) { exercised, test in
            switch outcome(of: test) {
            case .allow(let rule, _), .approval(let rule, _): exercised.insert(rule)
            case .deny(let denial): exercised.formUnion(denial.denyRules.map(\.id))
            }
        }
    }

    private func differences(_ test: PolicyTest) -> [String] {
        let outcome = outcome(of: test)
        switch (test.expectation, outcome) {
        case (.allow(let rule, let expected), .allow(let actualRule, let facts)):
            return (rule == actualRule ? [] : ["expected rule `\(rule)`, but \(outcome)"]) + expected.differences(from: facts)
        case (.approval(let rule, let expected), .approval(let actualRule, let facts)):
            return (rule == actualRule ? [] : ["expected approval by rule `\(rule)`, but \(outcome)"])
                + expected.differences(from: facts)
        case (.deny(nil), .deny):
            return []
        case (.deny(let rule?), .deny(let denial)) where denial.denyRules.contains(where: { $0.id == rule }):
            return []
        case (.allow(let rule, _), _):
            return ["expected rule `\(rule)` to allow it, but \(outcome)"]
        case (.approval(let rule, _), _):
            return ["expected rule `\(rule)` to ask for approval, but \(outcome)"]
        case (.deny(let rule?), _):
            return ["expected rule `\(rule)` to deny it, but \(outcome)"]
        case (.deny(nil), _):
            return ["expected a refusal, but \(outcome)"]
        }
    }

    private enum Outcome: CustomStringConvertible {
        case allow(rule: String, PermitFacts)
        case approval(rule: String, PermitFacts)
        case deny(Denial)

        var description: String {
            switch self {
            case .allow(let rule, _): "`\(rule)` allowed it"
            case .approval(let rule, _): "`\(rule)` asks for approval"
            case .deny(let denial): "it was \(denial)"
            }
        }
    }

    private func outcome(of test: PolicyTest) -> Outcome {
        switch test.question {
        case .certificate(let request):
            switch decide(test.identity, request, at: test.instant) {
            case .allow(let permit):
                return .allow(rule: permit.rule.id, PermitFacts(permit.subject, lifetime: permit.lifetime, ends: permit.ends))
            case .needsApproval(let offer):
                return .approval(rule: offer.rule.id, PermitFacts(offer.subject, lifetime: offer.lifetime, ends: offer.ends))
            case .deny(let denial): return .deny(denial)
            }
        case .capabilities(let name):
            guard let role = roles[name] else { return .deny(Denial(reasons: [.noRole(name, nearest: nil)])) }
            let asker = Asker(test.identity, groups: groups, at: test.instant)
            switch rules(giving: role, to: asker, Justification()) {
            case .none(let denial): return .deny(denial)
            case .some(let rules): return .allow(rule: rules.first?.reference.id ?? "", PermitFacts(role.capabilities))
            }
        }
    }
}

extension Decision {
    /// What would be given, in the words of `expect`; nil when it is refused.
    package var facts: PermitFacts? {
        switch self {
        case .allow(let permit): PermitFacts(permit.subject, lifetime: permit.lifetime, ends: permit.ends)
        case .needsApproval(let offer): PermitFacts(offer.subject, lifetime: offer.lifetime, ends: offer.ends)
        case .deny: nil
        }
    }
}

/// A permit in the words of `expect`.
package struct PermitFacts: Hashable, Sendable {
    package private(set) var lifetime: Duration?
    package private(set) var ends: Date?
    /// By the key they are written under.
    package private(set) var lists: [String: [String]] = [:]
    package private(set) var texts: [String: String] = [:]

    init(_ capabilities: Set<Capability>) {
        lists["capabilities"] = capabilities.map(\.rawValue).sorted()
    }

    init(_ subject: Permit.Subject, lifetime: Duration, ends: Date?) {
        (self.lifetime, self.ends) = (lifetime, ends)
        switch subject {
        case .ssh(let ssh):
            lists["principals"] = ssh.principals
            lists["extensions"] = SSHExtension.allCases.filter { ssh.extensions.contains($0.wireName) }.map(\.rawValue).sorted()
            lists["source_address"] = ssh.sourceAddresses.map(\.description).sorted()
            lists["key_types"] = ssh.keyTypes?.map(\.rawValue).sorted()
            texts["force_command"] = ssh.forceCommand
        case .sshHost(let host):
            lists["hosts"] = host.hosts.map(\.text)
        case .x509(let x509):
            lists["usage"] = x509.usage.map(\.rawValue).sorted()
            lists["organizations"] = x509.organizations
            lists["dns"] = x509.names.dns
            lists["ips"] = x509.names.ips.map(\.description).sorted()
            lists["emails"] = x509.names.emails
            lists["uris"] = x509.names.uris
            lists["key_types"] = x509.keyTypes?.map(\.rawValue).sorted()
            texts["common_name"] = x509.commonName
        }
    }
}

/// Principals, names and the like; not how long.
extension PermitFacts: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(lists.mapValues(Fact.list).merging(texts.mapValues(Fact.text)) { list, _ in list })
    }

    private enum Fact: Encodable {
        case list([String])
        case text(String)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .list(let list): try container.encode(list)
            case .text(let text): try container.encode(text)
            }
        }
    }
}

extension PermitExpectation {
    func differences(from actual: PermitFacts) -> [String] {
        var found: [String] = []
        if let lifetime, lifetime != actual.lifetime {
            let text = actual.lifetime.map(PolicyDuration.text) ?? "none"
            found.append("expected `lifetime` \(PolicyDuration.text(lifetime)), but it is \(text)")
        }
        if let ends, ends != actual.ends {
            let text = actual.ends.map { "at " + Timestamp.text(Timestamp.seconds($0)) } ?? "not cut"
            found.append("expected the lifetime to end at \(Timestamp.text(Timestamp.seconds(ends))), but it is \(text)")
        }
        for (key, list) in lists.sorted(by: { $0.key < $1.key }) where list != actual.lists[key] ?? [] {
            found.append("expected `\(key)` \(Self.text(list)), but it is \(Self.text(actual.lists[key] ?? []))")
        }
        for (key, text) in texts.sorted(by: { $0.key < $1.key }) where text != actual.texts[key] {
            found.append("expected `\(key)` `\(text)`, but it is \(actual.texts[key].map { "`\($0)`" } ?? "none")")
        }
        return found
    }

    private static func text(_ list: [String]) -> String {
        list.isEmpty ? "none" : list.map { "`\($0)`" }.joined(separator: ", ")
    }
}
