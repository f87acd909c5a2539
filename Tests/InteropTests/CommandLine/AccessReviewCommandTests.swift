// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import TestSupport
import Testing

/// `mayfly access review` on a real server: what several people did, what they did not, and the patch that comes of it.
@Suite(.timeLimit(.minutes(10)))
struct AccessReviewCommandTests {
    private static let policy = """
        version: 1
        zones:
          lab: {hosts: ["*.example.com"]}
        groups:
          # Who is on the team.
          team:
            members:
              - ana@example.com
              - bo@example.com
        roles:
          shell: {ssh: {logins: ["{user.login}"], zones: [lab]}}
          deploy: {ssh: {logins: [deploy], zones: [lab]}}
          rescue: {ssh: {logins: [root], zones: [lab]}}
          auditor: {capabilities: [audit.read, certificates.read]}
        allow:
          - {id: team-shell, who: {groups: [team]}, roles: [shell], lifetime: {max: 1h}}
          - {id: some-deploy, who: {users: [ana@example.com, lea@example.com]}, roles: [deploy], lifetime: {max: 1h}}
          # For the old fleet.
          - id: old-fleet
            who: {groups: [leads]}
            roles: [deploy]
            lifetime: {max: 1h}
          - id: glass
            who: {users: [ana@example.com]}
            roles: [rescue]
            lifetime: {max: 30m}
            approval: {review: {by: {groups: [leads]}, within: 1d}}
          - {id: leads-read, who: {groups: [leads, admins]}, roles: [auditor]}
        tests:
          - it: lets ana deploy
            who: {user: ana@example.com}
            asks: {role: deploy}
            expect: {allow: some-deploy}
        """

    private static let ana = MayflyCA.Person("ana@example.com", login: "ana", groups: [])
    private static let bo = MayflyCA.Person("bo@example.com", login: "bo", groups: [])
    private static let lea = MayflyCA.Person("lea@example.com", login: "lea", groups: ["leads"])

    /// Ana works and breaks the glass once; bo and lea could, and do not.
    private func withUse(policy: String = policy, _ body: (Lab) async throws -> Void) async throws {
        try await Lab.open(policy: policy, people: [Self.ana, Self.bo, Self.lea]) { lab in
            for person in [Self.ana, Self.bo, Self.lea] { try await lab.ca.logIn(as: person.name) }
            // What is older than the period is the policies' and the logins' age.
            try await Task.sleep(for: .seconds(1.5))
            for role in ["shell", "deploy"] { try await take(role, as: Self.ana, in: lab) }
            let asked = try await mayfly(
                ["request", "rescue", "--break-glass", "--reason", "=INC-9|<b>", "--json"], as: Self.ana, in: lab)
            #expect(asked.succeeded, "\(asked.stderr)")
            try await take("rescue", as: Self.ana, in: lab)
            try await body(lab)
        }
    }

    private func mayfly(_ arguments: [String], as person: MayflyCA.Person, in lab: Lab) async throws -> ProcessResult {
        try await lab.ca.mayfly(arguments, home: lab.ca.home(of: person.name))
    }

    private func take(_ role: String, as person: MayflyCA.Person, in lab: Lab) async throws {
        let file = lab.work.file("id-\(UInt32.random(in: .min ... .max))")
        try await mayfly(["issue", "ssh", "--role", role, "--out", file], as: person, in: lab).checked()
    }

    private func review(_ arguments: [String], as person: MayflyCA.Person = lea, in lab: Lab) async throws -> ProcessResult {
        try await mayfly(["access", "review", "--policies", lab.work.file("policies")] + arguments, as: person, in: lab)
    }

    private struct Report: Decodable {
        struct Right: Decodable {
            let who: String
            let role: String
            let rule: String
            let status: String
            let times: Int
            let live: Int
        }

        struct Scope: Decodable {
            struct Log: Decodable {
                let size: Int
                let root: String
            }

            let policy: String
            let log: Log
        }

        let scope: Scope
        let rights: [Right]

        func right(_ who: String, _ role: String, _ rule: String) -> Right? {
            rights.first { $0.who == "\(who)@example.com" && $0.role == role && $0.rule == rule }
        }
    }

    private struct Replayed: Decodable {
        struct Change: Decodable {
            let change: String
            let count: Int
        }

        let decisions: Int
        let changes: [Change]
    }

    @Test func `who holds what, and who used it`() async throws {
        try await withUse { lab in
            let young = try await review(["--json"], in: lab)
            let first = try JSONDecoder().decode(Report.self, from: Data(young.outputBytes))
            #expect(!first.rights.contains { $0.status == "unused" })

            // Nothing happens for a second, and that second is looked at.
            try await Task.sleep(for: .seconds(2.5))
            let result = try await review(["--unused-for", "1s", "--json"], in: lab)
            #expect(result.succeeded, "\(result.stderr)")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.outputBytes))
            #expect(report.right("bo", "shell", "team-shell")?.status == "unused")
            #expect(report.right("lea", "deploy", "old-fleet")?.status == "unused")
            #expect(report.right("lea", "auditor", "leads-read")?.status == "not-recorded")
            #expect(report.right("ana", "shell", "team-shell")?.live == 1)

            // In the longer period ana used hers.
            let used = try JSONDecoder().decode(Report.self, from: Data(try await review(["--json"], in: lab).outputBytes))
            #expect(used.right("ana", "shell", "team-shell")?.status == "used")
            #expect(used.right("ana", "shell", "team-shell")?.times == 1)
            #expect(used.right("ana", "rescue", "glass")?.status == "used")

            // The tree head is the one that an auditor computes from all entries.
            let verified = try await mayfly(["audit", "verify", "--json"], as: Self.lea, in: lab).checked().stdout
            #expect(verified.contains(used.scope.log.root), "\(verified) \(used.scope.log.root)")

            let markdown = try await review([], in: lab).stdout
            for part in [
                "# Access review of", "INC-9\\|\\<b\\>", "Look at this first", "log is younger than the period",
                "mayfly-log/", "## Sign-off",
            ] { #expect(markdown.contains(part), "\(part): \(markdown)") }

            let csv = try await review(["--csv"], in: lab).stdout
            #expect(csv.hasPrefix("who,provider,role,rule,"))
            #expect(csv.contains("ana@example.com,local,shell,team-shell,"))
        }
    }

    @Test func `the patch is applied by git, loads, and takes nothing that is used`() async throws {
        try await withUse { lab in
            let used = ContinuousClock.now
            let repository = lab.work.path
            func git(_ arguments: [String]) async throws -> ProcessResult {
                try await run(
                    "git", ["-C", repository, "-c", "user.name=t", "-c", "user.email=t@example.com"] + arguments
                ).checked()
            }
            _ = try await git(["init", "-q", "."])
            _ = try await git(["add", "policies"])
            _ = try await git(["commit", "-q", "-m", "policies"])

            let none = try await review(["--patch"], in: lab)
            #expect(none.succeeded && none.stdout.isEmpty, "\(none.stdout)")
            #expect(none.stderr.contains("the log is younger than"), "\(none.stderr)")

            // Ana goes on; nobody else does anything. In the period is only what comes now, and all that follows is over within it.
            try await Task.sleep(until: used + .seconds(61))
            for role in ["shell", "deploy"] { try await take(role, as: Self.ana, in: lab) }
            let patch = try await review(["--unused-for", "60s", "--patch"], in: lab)
            #expect(patch.succeeded, "\(patch.stderr)")
            #expect(patch.stderr.contains("removes `bo@example.com` of group `team`"), "\(patch.stderr)")
            #expect(patch.stderr.contains("certificates issued in the period would still be given"), "\(patch.stderr)")
            let file = try lab.work.write(patch.stdout, to: "review.patch")
            _ = try await git(["apply", "--check", file])
            _ = try await git(["apply", file])
            let text = try String(contentsOfFile: lab.work.file("policies/policy.yaml"), encoding: .utf8)
            #expect(!text.contains("- bo@example.com") && !text.contains("old-fleet") && text.contains("# Who is on the team."))
            #expect(text.contains("users: [ana@example.com]") && text.contains("id: glass"))
            #expect(try await lab.ca.mayfly(["policy", "check", lab.work.file("policies")]).status == 0)
            let diff = try await lab.ca.mayfly(
                ["policy", "diff", "HEAD", lab.work.file("policies"), "--policies", lab.work.file("policies")])
            #expect(diff.status == 0, "\(diff.stdout)\(diff.stderr)")
            let replay = try await mayfly(
                ["policy", "replay", lab.work.file("policies"), "--since", "60s", "--json"], as: Self.lea, in: lab)
            let decided = try JSONDecoder().decode(Replayed.self, from: Data(replay.outputBytes))
            #expect(decided.decisions > 0)
            #expect(decided.changes.first { $0.change == "now-refused" }?.count == 0, "\(replay.stdout)")
            // What is not live is not reviewed.
            try lab.work.makeDirectory("other")
            try lab.work.makeDirectory("other/policies")
            try lab.work.write(Self.policy + "\n# Not live.\n", to: "other/policies/policy.yaml")
            let other = try await mayfly(
                ["access", "review", "--policies", lab.work.file("other/policies")], as: Self.lea, in: lab)
            #expect(other.status == 1 && other.stderr.contains("and live are"), "\(other.stderr)")
        }
    }

    @Test func `policy tests that fail under the patch are told, and the status says so`() async throws {
        let policy = Self.policy.replacing(
            "tests:",
            with: """
                tests:
                  - it: lets leads deploy to the old fleet
                    who: {user: lea@example.com, groups: [leads]}
                    asks: {role: deploy}
                    expect: {allow: old-fleet}
                  - it: lets lea deploy
                    who: {user: lea@example.com}
                    asks: {role: deploy}
                    expect: {allow: some-deploy}
                """)
        try await withUse(policy: policy) { lab in
            try await Task.sleep(for: .seconds(2.5))
            let patch = try await review(["--unused-for", "1s", "--patch"], in: lab)
            #expect(patch.status == 1)
            #expect(patch.stdout.hasPrefix("--- a/policies/policy.yaml\n+++ b/policies/policy.yaml\n@@ "), "\(patch.stdout)")
            #expect(patch.stderr.contains("policy test fails under it"), "\(patch.stderr)")
            #expect(patch.stderr.contains("lets lea deploy: expected rule `some-deploy` to allow it"), "\(patch.stderr)")
            // A test that wants a rule which goes, goes with it.
            #expect(patch.stdout.contains("-  - it: lets leads deploy to the old fleet"), "\(patch.stdout)")
        }
    }

    @Test func `whoever may not read the log gets no review`() async throws {
        try await withUse { lab in
            let refused = try await review(["--unused-for", "1s"], as: Self.bo, in: lab)
            #expect(refused.status == 2, "\(refused.stderr)")
            #expect(refused.stdout.isEmpty)
        }
    }
}
