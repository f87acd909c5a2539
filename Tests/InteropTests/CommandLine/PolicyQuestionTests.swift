// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The policy commands that ask no server: what they answer, with which status, and as JSON.
@Suite(.timeLimit(.minutes(10)))
struct PolicyQuestionTests {
    private static let policy = """
        version: 1
        zones: {web: {hosts: ["web*.example.com"]}}
        roles:
          both: {ssh: {logins: [deploy], zones: [web]}, x509: {usage: [server], dns: ["*.example.com"]}}
          shell: {ssh: {logins: [deploy, root], zones: [web], extensions: [pty]}}
          host: {ssh_host: {zones: [web]}}
          auditor: {capabilities: [audit.read]}
        allow:
          - {id: members, who: {groups: [g]}, roles: [both, shell, host], lifetime: {max: 1h}}
          - {id: auditors, who: {groups: [g]}, roles: [auditor]}
          - {id: ask, who: {everyone: true}, roles: [shell], lifetime: {max: 2h}, approval: {steps: [{by: {groups: [g]}}]}}
          - {id: ci, who: {provider: ci, claims: {id: 7, tier: [gold]}}, roles: [both], lifetime: {max: 1h}}
        deny:
          - {id: no-bad, who: {groups: [bad]}, roles: ["*"]}
        tests:
          - it: has a terminal
            who: {user: ana@example.com, groups: [g]}
            asks: {role: shell}
            expect: {allow: members, extensions: [pty]}
        """

    private struct Asked {
        let result: ProcessResult

        var status: Int32 { result.status }
        var text: String { result.stdout + result.stderr }

        /// Nothing but one JSON document stands on standard output.
        func document() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(result.stdout.utf8)) as? [String: Any], "\(text)")
        }

        func list(_ key: String) throws -> [[String: Any]] { try #require(try document()[key] as? [[String: Any]], "\(text)") }
    }

    /// In a folder with a set `fleet/policies` and one that does not load.
    private func inFolder(_ body: (TemporaryDirectory, ([String], String?) async throws -> Asked) async throws -> Void)
        async throws
    {
        let directory = try TemporaryDirectory()
        defer { directory.close() }
        for folder in ["fleet", "fleet/policies", "broken"] { try directory.makeDirectory(folder) }
        try directory.write(Self.policy, to: "fleet/policies/web.yaml")
        try directory.write(
            "version: 1\nroles:\n  a: {capabilities: [audit.reed]}\n  a: {ssh: {principals: [b]}}\n", to: "broken/x.yaml")
        try await body(directory) { arguments, input in
            Asked(
                result: try await run(
                    MayflyCA.binary, ["policy"] + arguments, environment: ["HOME": directory.path], directory: directory.path,
                    input: input))
        }
    }

    @Test(
        arguments: [
            // Which certificate is meant.
            ("both --group g", 0), ("both --group g --name www.example.com", 0), ("both --group g --name www.example.org", 2),
            ("shell --group g --name www.example.com", 64), ("host --group g --host web1.example.com", 0),
            ("host --group g --host db1.example.com", 2), ("host --group g", 64),
            ("host --host web1.example.com --account a", 64),
            ("shell --group g --host web1.example.com --account root", 0), ("shell --group g --account kim", 2),
            ("shell --group g --host Web1", 64), ("shell --group g --account a,b", 64), ("both --group g --name a_b", 64),
            ("auditor --group g", 0), ("auditor --group h", 2), ("auditor --group g --reason x", 64),
            ("auditor --group g --host web1.example.com", 64),
            // By which way.
            ("shell --groups -", 3), ("shell --group g --request --lifetime 2h", 3), ("shell --groups - --break-glass", 2),
            ("shell --group g --request --break-glass", 64), ("shell --group g --grant abc", 64),
            // Who asks.
            ("shell --groups g,bad", 2), ("shell --group g --group bad", 2), ("--as ana@example.com --groups g shell", 0),
            ("shell --group g,bad", 3), ("shell --groups g,", 64), ("shell --group *", 64), ("shell --groups -,g", 64),
            ("shell --group g --login Ana", 64), ("shell --as * --group g", 64),
            ("both --provider ci --groups - --claim id:=7 --claim tier=gold", 0),
            ("both --provider ci --groups - --claim id:=7 --claim tier:=[\"iron\",\"gold\"]", 0),
            ("both --provider ci --groups - --claim id=7 --claim tier=gold", 2),
            ("both --provider ci --groups - --claim id:=7 --claim id:=8", 64), ("both --provider ci --claim id:={}", 64),
            ("both --provider ci --claim id:=1.5", 64), ("both --provider ci --claim id", 64),
            ("shel --group g", 1),
        ] as [(String, Int32)])
    func `explain decides what was asked, and refuses what makes no sense`(_ words: String, _ status: Int32) async throws {
        try await inFolder { _, ask in
            let arguments = words.split(separator: " ").map(String.init)
            let asked = try await ask(["explain", "--policies", "fleet/policies"] + arguments, nil)
            #expect(asked.status == status, "\(asked.text)")
        }
    }

    @Test func `explain says in JSON what would be given, or which role was meant`() async throws {
        try await inFolder { _, ask in
            let explain = ["explain", "--json", "--policies", "fleet/policies", "--groups"]
            let given = try await ask(explain + ["g", "shell", "--account", "root"], nil).document()
            #expect(given["rule"] as? String == "members")
            #expect(given["lifetime"] as? Int == 3600)
            #expect((given["gives"] as? [String: Any])?["principals"] as? [String] == ["root@zone:web"])
            let offered = try await ask(explain + ["-", "shell"], nil).document()
            #expect(offered["decision"] as? String == "approval-needed")
            #expect(offered["approval"] as? String == "1 of group `g` must approve")
            let refused = try await ask(explain + ["bad", "shell"], nil).document()
            #expect(refused["gives"] == nil)
            #expect(refused["remedy"] as? String == "whoever may change fleet/policies/web.yaml can change this")
            let mistyped = try await ask(explain + ["g", "shel"], nil).list("errors")
            #expect(mistyped.first?["hint"] as? String == "did you mean `shell`?")
        }
    }

    @Test(arguments: [
        "ssh root@", "ssh @web1.example.com", "ssh a*b@web1.example.com", "ssh web_1", "ssh-host Web1", "capability fly",
    ])
    func `who-can refuses what nobody could have`(_ question: String) async throws {
        try await inFolder { _, ask in
            let asked = try await ask(
                ["who-can", "--policies", "fleet/policies"] + question.split(separator: " ").map(String.init), nil)
            #expect(asked.status == 64, "\(asked.text)")
        }
    }

    @Test func `who-can and what-can print objects`() async throws {
        try await inFolder { _, ask in
            let set = ["--policies", "fleet/policies", "--json"]
            let ways = try await ask(["who-can", "ssh", "root@web1.example.com"] + set, nil).list("ways")
            #expect(ways.map { $0["rule"] as? String } == ["ask", "members"])
            #expect(ways.map { $0["longest_lifetime"] as? Int } == [7200, 3600])
            #expect(try await ask(["who-can", "ssh", "web1.example.org"] + set, nil).list("ways").isEmpty)
            func statuses(_ options: String...) async throws -> [String?] {
                let roles = try await ask(["what-can", "ana@example.com"] + options + set, nil).list("roles")
                return roles.filter { $0["role"] as? String == "shell" }.map { $0["status"] as? String }
            }
            #expect(try await statuses("--group", "g") == ["approval-needed", "theirs"])
            #expect(try await statuses("--groups", "bad") == ["denied"])
            #expect(try await statuses() == ["denied", "denied"])
            #expect(try await ask(["what-can", "ana@example.com", "--as", "bo@example.com"] + set, nil).status == 64)
        }
    }

    @Test func `what does not load is said with path, line and column, as text, JSON and JUnit`() async throws {
        try await inFolder { directory, ask in
            for command in [["check", "broken"], ["test", "broken"], ["explain", "a", "--policies", "broken"]] {
                let asked = try await ask(command + ["--json"], nil)
                #expect(asked.status == 1)
                #expect(
                    asked.result.stderr
                        == "mayfly: error: broken/x.yaml:4:3: key `a` is written more than once in this mapping\n")
                let error = try #require(try asked.list("errors").first)
                #expect(error["file"] as? String == "broken/x.yaml")
                #expect(error["line"] as? Int == 4 && error["column"] as? Int == 3)
                #expect(error["message"] as? String == "key `a` is written more than once in this mapping")
            }
            try directory.write("stale", to: "report.xml")
            #expect(try await ask(["test", "broken", "--junit", "report.xml"], nil).status == 1)
            let report = try directory.text(of: "report.xml")
            #expect(report.contains("errors=\"1\""))
            #expect(
                report.contains("file=\"broken/x.yaml\" line=\"4\">\n      <error message=\"broken/x.yaml:4:3: key"),
                "\(report)")

            let file = try await ask(["check", "broken/x.yaml", "--json"], nil)
            #expect(file.status == 1)
            #expect(try file.list("errors").first?["message"] as? String == "`broken/x.yaml` is not a directory")
            let usage = try await ask(["check", "broken", "--sharp", "--json"], nil)
            #expect(usage.status == 64)
            #expect(try usage.list("errors").count == 1)
        }
    }

    @Test func `check and test answer with text, JSON and JUnit`() async throws {
        try await inFolder { directory, ask in
            let check = try await ask(["check", "fleet/policies"], nil)
            #expect(
                check.result.stdout.hasPrefix("ok: 4 roles, 5 rules, 1 zone, 1 test\nwarning: fleet/policies/web.yaml:10: "))
            let document = try await ask(["check", "fleet/policies/", "--json"], nil)
            #expect(try document.list("errors").isEmpty)
            let warning = try #require(try document.list("warnings").first)
            #expect(warning["file"] as? String == "fleet/policies/web.yaml" && warning["line"] as? Int == 10)
            // A set is the same wherever it lies, and whichever way leads there.
            let digest = try document.document()["digest"] as? String
            #expect(check.result.stdout.contains("\n\(digest ?? "?")\n"))
            #expect(
                try await ask(["check", "./fleet/../fleet/policies", "--json"], nil).document()["digest"] as? String == digest)

            let junit = try await ask(["test", "fleet/policies", "--junit", "-"], nil)
            #expect(junit.status == 0)
            #expect(junit.result.stdout.hasPrefix("<?xml") && junit.result.stdout.hasSuffix("</testsuites>\n"))
            #expect(!FileManager.default.fileExists(atPath: directory.file("-")))
            #expect(try await ask(["test", "fleet/policies", "--junit", "-", "--json"], nil).status == 64)

            try directory.write(
                Self.policy.replacing("members, extensions: [pty]", with: "members, extensions: []"),
                to: "fleet/policies/web.yaml")
            let failed = try await ask(["test", "fleet/policies", "--json"], nil)
            #expect(failed.status == 1)
            let failure = try #require(try failed.list("failures").first)
            #expect(failure["place"] as? String == "fleet/policies/web.yaml:16")
            #expect(failure["differences"] as? [String] == ["expected `extensions` none, but it is `pty`"])
        }
    }

    @Test func `diff and replay tell an answer from a failure`() async throws {
        try await inFolder { directory, ask in
            try directory.makeDirectory("wider")
            try directory.write(Self.policy.replacing("lifetime: {max: 2h}", with: "lifetime: {max: 4h}"), to: "wider/web.yaml")
            let wider = try await ask(["diff", "fleet/policies", "wider", "--json"], nil)
            #expect(wider.status == 1)
            let change = try #require(try wider.list("changes").first)
            #expect(change["direction"] as? String == "widens")
            #expect(change["place"] as? String == "wider/web.yaml:11")
            #expect(try await ask(["diff", "wider", "fleet/policies"], nil).status == 0)
            for (old, new) in [("fleet/policies", "broken"), ("broken", "fleet/policies"), ("fleet/policies", "no-such-place")]
            {
                let failed = try await ask(["diff", old, new, "--json"], nil)
                #expect(failed.status == 65)
                #expect(try !failed.list("errors").isEmpty)
            }
            #expect(try await ask(["replay", "fleet/policies", "--log", "-"], "garbage\n").status == 65)
            #expect(try await ask(["replay", "fleet/policies", "--log", "none"], nil).status == 65)
            #expect(try await ask(["replay", "broken", "--log", "-"], "").status == 65)
            // Nobody is logged in to ask a server.
            #expect(try await ask(["replay", "fleet/policies"], nil).status == 65)
        }
    }

    @Test func `import fails where nothing is written, and says which file is wrong`() async throws {
        let fixtures = Repository.root + "/Tests/PolicyImportTests/Fixtures"
        try await inFolder { directory, ask in
            let source = ["import", "step-ca", fixtures + "/step-ca.json", "--out", "imported"]
            let first = try await ask(source + ["--json"], nil)
            #expect(first.status == 0)
            let levels = try first.list("report").map { $0["level"] as? String }
            let order = ["needs a decision", "dropped", "narrowed", "carried"]
            #expect(
                levels.compactMap { $0.flatMap(order.firstIndex) }
                    == levels.compactMap { $0.flatMap(order.firstIndex) }.sorted())
            let written = try directory.text(of: "imported/step-ca.yaml")
            let second = try await ask(source + ["--json"], nil)
            #expect(second.status == 1)
            #expect(try second.list("errors").first?["message"] as? String == "`imported/step-ca.yaml` exists already")
            #expect(try directory.text(of: "imported/step-ca.yaml") == written)

            try directory.write("{}", to: "empty.json")
            for source in ["vault-ssh", "vault-pki", "opkssh"] {
                let nothing = try await ask(["import", source, "empty.json", "--out", "nothing", "--json"], nil)
                #expect(nothing.status == 1)
                #expect(try nothing.document()["files"] as? [String] == [])
                #expect(nothing.result.stderr == "mayfly: error: nothing in `empty.json` could be carried over\n")
            }
            let missing = try await ask(["import", "step-ca", "empty.json", "--out", "nothing", "--json"], nil)
            #expect(try missing.list("errors").first?["file"] as? String == "empty.json")
            try directory.write("https://a.example c 3h\n", to: "providers")
            let providers = ["--providers", "providers"]
            let lifetime = try await ask(["import", "opkssh", fixtures + "/auth_id", "--out", "nothing"] + providers, nil)
            #expect(lifetime.status == 1)
            #expect(
                lifetime.result.stderr.hasPrefix("mayfly: error: `providers`: `3h` at `providers, line 1`"), "\(lifetime.text)")
            #expect(!FileManager.default.fileExists(atPath: directory.file("nothing")))

            let zone = ["--zone", "web", "--hosts", "web1.example.com"]
            for (source, options) in [
                ("step-ca", providers), ("vault-pki", zone), ("opkssh", ["--role-name", "a"]), ("step-ca", ["--zone", "web"]),
                ("step-ca", ["--zone", "web", "--hosts", "Web1"]),
            ] {
                let asked = try await ask(["import", source, "empty.json", "--out", "nothing"] + options, nil)
                #expect(asked.status == 64, "\(source) \(options): \(asked.text)")
            }
        }
    }

    @Test func `help offers only kinds that can be asked for`() async throws {
        let help = try await run(MayflyCA.binary, ["request", "--help"]).checked().stdout
        #expect(help.contains("values: ssh, ssh-host, x509;"), "\(help)")
    }
}
