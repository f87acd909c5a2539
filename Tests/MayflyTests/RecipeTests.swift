// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Authentication
import Foundation
import StrictYAML
import Testing

@testable import Policies
@testable import mayfly

/// Each recipe for a CI system is three whole files: `mayfly.yaml`, a policy, and the workflow.
@Suite struct RecipeTests {
    private struct Recipe {
        let configuration: Configuration
        let policies: PolicySet
        let workflow: YAMLNode

        init(_ name: String) throws {
            let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("docs/recipes/\(name).md")
            let text = try String(contentsOf: path, encoding: .utf8)
            let blocks = text.components(separatedBy: "```yaml\n").dropFirst().map { $0.components(separatedBy: "```\n")[0] }
            try #require(blocks.count == 3)
            configuration = try Configuration(parsing: Array(blocks[0].utf8), file: "mayfly.yaml")
            policies = try PolicySet.load([PolicyFile(name: name, text: blocks[1])])
            var problems = YAMLProblems()
            let root = YAMLNode.parse(Array(blocks[2].utf8), file: name, limit: 65_536, &problems)
            try #require(problems.isEmpty, "\(problems.sorted)")
            workflow = try #require(root)
        }
    }

    private static let names = ["github-actions", "gitlab-ci", "kubernetes"]

    @Test(arguments: names)
    func `its policy passes its tests, which exercise every rule, under the provider it declares`(_ name: String) throws {
        let recipe = try Recipe(name)
        #expect(recipe.policies.runTests().filter { !$0.passed }.map(\.description) == [])
        let exercised = recipe.policies.tests.map { test -> String? in
            switch test.expectation {
            case .allow(let rule, _), .approval(let rule, _): rule
            case .deny(let rule): rule
            }
        }
        let rules = recipe.policies.allows.map(\.reference.id) + recipe.policies.denies.map(\.reference.id)
        #expect(Set(rules).subtracting(exercised.compactMap(\.self)) == [])
        #expect(exercised.contains(nil), "nothing says whom it keeps out")
        let provider = try #require(recipe.configuration.providers.first?.declaration)
        for test in recipe.policies.tests {
            #expect(test.identity.provider == provider.name)
            guard case .known(let claims) = test.identity.claims else { continue }
            #expect(Set(claims.keys).subtracting(provider.claims) == [])
        }
    }

    @Test func `the workflow of GitHub may have a token, installs mayfly, and logs out whatever happens`() throws {
        let workflow = try Recipe("github-actions").workflow
        #expect(workflow["on"] != nil)
        #expect(workflow["permissions"]?["id-token"]?.text == "write")
        let job = try #require(workflow["jobs"]?["deploy"])
        #expect(job["runs-on"] != nil && job["environment"]?.text == "production")
        let steps = try #require(job["steps"]?.list)
        let scripts = steps.compactMap { $0["run"]?.text }
        #expect(scripts.count == steps.count)
        #expect(scripts.first?.contains("install mayfly") == true)
        #expect(steps.last?["if"]?.text == "always()")
        try expectCommands(in: scripts.flatMap { Self.lines($0) }, ["login", "ssh", "logout"])
    }

    @Test func `the workflow of GitLab asks for a token for this CA`() throws {
        let job = try #require(try Recipe("gitlab-ci").workflow["deploy"])
        #expect(job["image"] != nil)
        #expect(job["id_tokens"]?["MAYFLY_TOKEN"]?["aud"]?.text == "https://ca.example.com")
        let lines = ["script", "after_script"].flatMap { job[$0]?.list ?? [] }.compactMap(\.text)
        try expectCommands(in: lines, ["login", "ssh", "logout"])
    }

    @Test func `the pod has what its init container names`() throws {
        let pod = try Recipe("kubernetes").workflow
        #expect(pod["kind"]?.text == "Pod")
        let spec = try #require(pod["spec"])
        let container = try #require(spec["initContainers"]?.list?.first)
        let words = ((container["command"]?.list ?? []) + (container["args"]?.list ?? [])).compactMap(\.text)
        try expectCommands(in: [words.joined(separator: " ")], ["issue"])
        let mounts = (container["volumeMounts"]?.list ?? []).compactMap { $0["name"]?.text }
        let volumes = (spec["volumes"]?.list ?? []).compactMap { $0["name"]?.text }
        #expect(mounts == volumes && mounts.count == 2)
        for place in ["--token-file=/var/run/mayfly/token", "--out=/tls"] { #expect(words.contains(place)) }
    }

    /// Shell lines, continued ones in one.
    private static func lines(_ script: String) -> [String] {
        script.replacing("\\\n", with: " ").split(separator: "\n").map(String.init)
    }

    /// That the calls of `mayfly` are these, with arguments that it takes.
    private func expectCommands(in lines: [String], _ expected: [String]) throws {
        let calls = lines.map { $0.split(separator: " ").map(String.init) }.filter { $0.first == "mayfly" }
        #expect(calls.map { $0[1] } == expected)
        for call in calls { _ = try Mayfly.parseAsRoot(Array(call.dropFirst())) }
    }
}

extension YAMLNode {
    fileprivate var text: String? { if case .scalar(let text, _) = value { text } else { nil } }

    fileprivate var list: [YAMLNode]? { if case .list(let nodes) = value { nodes } else { nil } }

    fileprivate subscript(_ key: String) -> YAMLNode? {
        guard case .mapping(let entries) = value else { return nil }
        return entries.first { $0.key == key }?.value
    }
}
