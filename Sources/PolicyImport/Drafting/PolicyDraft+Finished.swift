// SPDX-License-Identifier: Apache-2.0

import Policies
import StrictYAML

import struct FoundationEssentials.Date

extension PolicyDraft {
    /// The policies with their tests. They are loaded and tested before anybody gets them.
    func finished(as name: String, kind: String) throws(ImportError) -> Imported {
        guard !rules.isEmpty else { return Imported(files: [], report: report) }
        let untested = try load([file(name, kind, tests: [])])
        let tested = file(name, kind, tests: try tests(against: untested))
        let failures = try load([tested]).runTests().filter { !$0.passed }.map(\.description)
        guard failures.isEmpty else { throw .unusableResult(failures) }
        return Imported(files: [tested], report: report)
    }

    private func file(_ name: String, _ kind: String, tests: [TestDraft]) -> PolicyFile {
        PolicyFile(name: name, text: text(kind: kind, tests: tests))
    }

    private func load(_ files: [PolicyFile]) throws(ImportError) -> PolicySet {
        guard files.allSatisfy({ $0.bytes.count <= PolicyFile.maximumBytes }) else {
            throw .resultTooLarge(limit: PolicyFile.maximumBytes)
        }
        do {
            return try PolicySet.load(files)
        } catch {
            throw .unusableResult(error.errors.map(\.description))
        }
    }

    /// Of each rule, what it gives and that it gives strangers nothing.
    private func tests(against policies: PolicySet) throws(ImportError) -> [TestDraft] {
        var rolesByName: [String: RoleDraft] = [:]
        for role in roles { rolesByName[role.name] = role }
        var zoneByName: [String: ZoneDraft] = [:]
        for zone in zones { zoneByName[zone.name] = zone }
        var tests: [TestDraft] = []
        for rule in rules {
            guard let role = rule.roles.first.flatMap({ rolesByName[$0] }) else { continue }
            var asker = TestDraft.Asker(meantBy: rule.who)
            asker.supply(role)
            let question = role.question(zones: zoneByName)
            guard let decider = deciding(policies, asker, role: role.name, question.what) else {
                throw .unusableResult(["rule `\(rule.id)` gives nothing to those it is for"])
            }
            tests.append(
                TestDraft(
                    sentence: "gives \(role.name) to those whom rule \(rule.id) means", asker: asker, role: role.name,
                    detail: question.detail,
                    outcome: .allowed(
                        by: decider, lifetime: rule.lifetime.standard, facts: question.facts + role.facts(for: asker))))
            tests.append(
                TestDraft(
                    sentence: "gives strangers no \(role.name), rule \(rule.id)", asker: .stranger, role: role.name,
                    detail: question.detail, outcome: .refused))
        }
        return tests
    }

    /// The rule that decides: where several mean the same person, it need not be the one the test is written for.
    private func deciding(
        _ policies: PolicySet, _ asker: TestDraft.Asker, role: String, _ what: AuthorizationRequest.Subject
    ) -> String? {
        guard let request = try? AuthorizationRequest(role: role, what: what) else { return nil }
        let noTime = Date(timeIntervalSince1970: 1_767_225_600)  // what tests without `at` take
        guard case .allow(let permit) = policies.decide(asker.identity, request, at: noTime) else { return nil }
        return permit.rule.id
    }
}

extension TestDraft.Asker {
    /// Adds what the templates of the role take from an identity.
    mutating func supply(_ role: RoleDraft) {
        guard case .ssh(let ssh) = role.content, case .logins(let logins, _) = ssh.accounts else { return }
        if logins.contains(StepCAImport.ownLogin) { login = "someone" }
    }
}

extension RoleDraft {
    struct Question {
        var what: AuthorizationRequest.Subject
        var detail: (key: String, value: PolicyText)?
        /// What asking this way decides of the answer.
        var facts: [(String, PolicyText)] = []
    }

    /// A request that the role can fulfil.
    func question(zones: [String: ZoneDraft]) -> Question {
        switch content {
        case .ssh: return Question(what: .ssh(logins: nil, host: nil))
        case .sshHost(let zone):
            let example = SourceName.example(ofPattern: zones[zone]?.hosts.first ?? "")
            guard let host = try? HostName(example) else { return Question(what: .ssh(logins: nil, host: nil)) }
            return Question(
                what: .sshHost(host: host), detail: ("host", .text(example)), facts: [("hosts", .texts([example]))])
        case .x509(let x509):
            guard !x509.hasExactName, let pattern = x509.dns.first else { return Question(what: .x509(names: nil)) }
            let name = SourceName.example(ofPattern: pattern)
            return Question(
                what: .x509(names: try? X509Names(dns: [name])), detail: ("names", .texts([name])),
                facts: [("dns", .texts([name]))])
        }
    }

    /// What certificates of the role always hold.
    func facts(for asker: TestDraft.Asker) -> [(String, PolicyText)] {
        switch content {
        case .sshHost: return []
        case .ssh(let ssh): return ssh.facts(for: asker)
        case .x509(let x509): return x509.facts(for: asker)
        }
    }
}

extension SSHDraft {
    fileprivate func facts(for asker: TestDraft.Asker) -> [(String, PolicyText)] {
        var facts: [(String, PolicyText)] = []
        switch accounts {
        case .principals(let principals): facts.append(("principals", .texts(principals)))
        case .logins(let logins, let zone):
            let own = logins.map { $0 == StepCAImport.ownLogin ? asker.login ?? "" : $0 }
            facts.append(("principals", .texts(own.map { "\($0)@zone:\(zone)" })))
        }
        if !extensions.isEmpty { facts.append(("extensions", .texts(extensions))) }
        if !sourceAddresses.isEmpty { facts.append(("source_address", .texts(sourceAddresses))) }
        if let forceCommand { facts.append(("force_command", .text(forceCommand))) }
        return facts
    }
}

extension X509Draft {
    fileprivate func facts(for asker: TestDraft.Asker) -> [(String, PolicyText)] {
        var facts: [(String, PolicyText)] = [("usage", .texts(usage))]
        if !organizations.isEmpty { facts.append(("organizations", .texts(organizations))) }
        guard hasExactName else { return facts }
        let ownEmails = emails.map { $0 == StepCAImport.ownEmail ? asker.user : $0 }
        for (key, names) in [("dns", exactDNS), ("ips", ips), ("emails", ownEmails), ("uris", uris)] where !names.isEmpty {
            facts.append((key, .texts(names)))
        }
        return facts
    }
}
