// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Policies

@Suite struct `Samples and documentation` {
    private func samples() throws -> [PolicyFile] {
        let directory = repository.appending(path: "policies")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".yaml") }
        return try names.map {
            PolicyFile(name: "policies/\($0)", bytes: Array(try Data(contentsOf: directory.appending(path: $0))))
        }
    }

    @Test func `the sample policies load and their tests pass`() throws {
        let set = try PolicySet.load(try samples())
        let results = set.runTests()
        #expect(results.count >= 25)
        #expect(results.filter { !$0.passed }.map(\.description) == [])
    }

    @Test func `every allow rule and every deny rule of the samples is exercised by a test`() throws {
        let set = try PolicySet.load(try samples())
        let exercised = set.tests.compactMap { test -> String? in
            switch test.expectation {
            case .allow(let rule, _), .approval(let rule, _): rule
            case .deny(let rule): rule
            }
        }
        let all = Set(set.allows.map(\.reference.id) + set.denies.map(\.reference.id))
        #expect(all.subtracting(exercised) == [])
    }

    private static let situations = [
        "bank", "break-glass", "ci-cd", "contractors", "database-read-only", "host-fleet", "kubernetes", "multi-tenant",
        "on-call", "start-up",
    ]

    @Test(arguments: situations)
    func `the set for a situation loads, its tests pass, and each of its rules is exercised`(situation: String) throws {
        let file = repository.appending(path: "policies/examples/\(situation)/policy.yaml")
        let set = try PolicySet.load([PolicyFile(name: situation, bytes: Array(try Data(contentsOf: file)))])
        #expect(set.runTests().filter { !$0.passed }.map(\.description) == [])
        let exercised = set.tests.compactMap { test -> String? in
            switch test.expectation {
            case .allow(let rule, _), .approval(let rule, _): rule
            case .deny(let rule): rule
            }
        }
        #expect(Set(set.allows.map(\.reference.id) + set.denies.map(\.reference.id)) == Set(exercised))
    }

    @Test func `every situation is listed`() throws {
        let examples = repository.appending(path: "policies/examples")
        let folders = try FileManager.default.contentsOfDirectory(atPath: examples.path).filter { !$0.contains(".") }
        #expect(folders.sorted() == Self.situations)
        let list = try String(contentsOf: examples.appending(path: "README.md"), encoding: .utf8)
        for folder in folders { #expect(list.contains("[\(folder)](\(folder))")) }
    }

    @Test func `the demo's roles are there for the first administrator`() throws {
        let set = try PolicySet.load(try samples())
        let admin = person("root@example.com", login: "root", groups: .known(["admins"]))
        let names = set.roles(for: admin, at: anyTime).map(\.name)
        for role in ["lab-shell", "lab-host", "lab-web", "lab-db", "lab-server", "auditor", "administrator"] {
            #expect(names.contains(role))
        }
        for capability in Capability.allCases {
            guard case .allow = set.hasCapability(capability, admin, at: anyTime) else {
                Issue.record("the administrator lacks \(capability)")
                continue
            }
        }
        #expect(set.answer(admin, try ssh("lab-shell", host: "localhost")).ssh?.principals == ["root@host:localhost"])
        #expect(set.roleReaching(host: try HostName("localhost"), login: "root", for: admin, at: anyTime) == .role("lab-shell"))
    }

    @Test(arguments: [("policy-language", 8), ("hosts", 1), ("recipes/tls-servers", 1)])
    func `every example in the reference loads and passes`(_ page: String, _ least: Int) throws {
        let text = try String(contentsOf: repository.appending(path: "docs/\(page).md"), encoding: .utf8)
        let blocks = text.components(separatedBy: "```yaml\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        #expect(blocks.count >= least)
        for (index, block) in blocks.enumerated() {
            let set = try PolicySet.load([PolicyFile(name: "example \(index + 1)", text: block)])
            #expect(set.testCount > 0, "example \(index + 1)")
            #expect(set.runTests().filter { !$0.passed }.map(\.description) == [])
        }
    }

    @Test func `the reference names every word of the language`() throws {
        let text = try String(contentsOf: repository.appending(path: "docs/policy-language.md"), encoding: .utf8)
        let words =
            PolicyLoader.sections + SSHExtension.allCases.map(\.rawValue) + KeyType.allCases.map(\.rawValue)
            + Capability.allCases.map(\.rawValue) + PermitExpectation.listKeys + PermitExpectation.textKeys
        for word in words { #expect(text.contains("`\(word)`"), "`\(word)`") }
    }
}
