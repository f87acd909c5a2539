// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// `mayfly policy check` and `policy test`, and what a running server makes of such files.
@Suite(.timeLimit(.minutes(10)))
struct PolicyCommandTests {
    @Test func `the samples are sound and their tests pass`() async throws {
        let samples = Repository.root + "/policies"
        #expect(try await run(MayflyCA.binary, ["policy", "check", samples]).checked().stdout.hasPrefix("ok: "))
        #expect(try await run(MayflyCA.binary, ["policy", "test", samples]).checked().stdout.hasSuffix(" 0 failed\n"))
    }

    @Test func `what is wrong is named by file, line and column`() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("version: 1\nroles:\n  shell:\n    ssh: {login: [deploy]}\n", to: "a.yaml")
        for command in ["check", "test"] {
            let result = try await run(MayflyCA.binary, ["policy", command, directory.path])
            #expect(result.status == 1)
            #expect(result.stdout.isEmpty)
            #expect(result.stderr.contains(/a\.yaml:4:\d+:/), "\(result.stderr)")
            #expect(result.stderr.contains("`login`"))
        }
        #expect(try await run(MayflyCA.binary, ["policy", "check", directory.file("none")]).status == 1)
        #expect(try await run(MayflyCA.binary, ["policy", "chekc"]).status == 64)
    }

    @Test func `a set whose tests fail passes the check, fails the test, and never goes live`() async throws {
        try await Lab.open(policy: TestPolicy.x509) { lab in
            let path = lab.work.file("policies")
            let before = try await run(MayflyCA.binary, ["policy", "check", path]).checked().stdout
            let failing = """

                tests:
                  - it: expects too much
                    who: {user: eve@example.com}
                    asks: {role: client}
                    expect: {allow: admins-do-all}
                """
            try lab.work.write(TestPolicy.x509 + failing, to: "policies/policy.yaml")
            #expect(try await run(MayflyCA.binary, ["policy", "check", path]).checked().stdout != before)
            let test = try await run(MayflyCA.binary, ["policy", "test", path])
            #expect(test.status == 1)
            #expect(test.stdout.contains("✘"))
            #expect(test.stdout.hasSuffix("0 passed, 1 failed\n"))

            try await lab.whenUsersAreRead { lab.ca.log.contains("policies refused, the old set stays") }
            _ = try await lab.x509("client")
        }
    }

    @Test func `policy diff compares directories and git revisions, and its status says whether something widens`() async throws
    {
        let repository = try await PolicyRepository(TestPolicy.x509)
        defer { repository.directory.close() }
        let wider = TestPolicy.x509.replacing("max: 8h", with: "max: 24h")
        try await repository.commit(wider, signedBy: nil)
        func diff(_ old: String, _ new: String, _ options: String...) async throws -> ProcessResult {
            try await run(
                MayflyCA.binary, ["policy", "diff", old, new, "--policies", repository.policies] + options,
                environment: ["HOME": repository.directory.path])
        }
        let wide = try await diff("HEAD~1", "HEAD")
        #expect(wide.status == 1)
        #expect(wide.stdout.contains("`admins-do-all`): lifetime 8h → 1d"), "\(wide.stdout)\(wide.stderr)")
        let narrow = try await diff("HEAD", "HEAD~1")
        #expect(narrow.status == 0)
        #expect(narrow.stdout.contains("lifetime 1d → 8h"), "\(narrow.stdout)")
        #expect(try await diff("HEAD", repository.policies).stdout == "rights are unchanged\n")
        #expect(try await diff("HEAD~1", "HEAD", "--markdown").stdout.hasPrefix("### Widens\n"))
        let failed = try await diff("HEAD~1", "no-such-branch")
        #expect(failed.status == 65)
        #expect(failed.stderr.contains("there is no revision `no-such-branch`"))
    }

    @Test func `a repository may be the policy directory itself`() async throws {
        let repository = try await PolicyRepository(TestPolicy.x509)
        defer { repository.directory.close() }
        try repository.directory.write(TestPolicy.x509, to: "repository/top.yaml")
        try await repository.commit(signedBy: nil)
        let same = try await run(
            MayflyCA.binary, ["policy", "diff", "HEAD", repository.path, "--policies", repository.path],
            environment: ["HOME": repository.directory.path])
        #expect(same.stdout == "rights are unchanged\n", "\(same.stderr)")
    }

    @Test func `questions about the samples are answered`() async throws {
        let samples = ["--policies", Repository.root + "/policies"]
        let explain = ["policy", "explain", "prod-web-debug", "--as", "ana@example.com", "--group", "sre", "--mfa"]
        let refused = try await run(MayflyCA.binary, explain + ["--from", "192.0.2.1", "--reason", "INC-1"] + samples)
        #expect(refused.status == 2)
        #expect(refused.stdout.contains("192.0.2.1 is outside its networks"), "\(refused.stdout)")
        let allowed = try await run(MayflyCA.binary, explain + ["--from", "10.1.2.3", "--reason", "INC-1"] + samples)
        #expect(allowed.status == 0, "\(allowed.stdout)")
        let who = try await run(MayflyCA.binary, ["policy", "who-can", "ssh", "deploy@web1.prod.example.com"] + samples)
        #expect(
            who.stdout.contains("role prod-web-debug by \(Repository.root)/policies/servers.yaml:"),
            "\(who.stdout)\(who.stderr)")
        let strict = try await run(MayflyCA.binary, ["policy", "check", Repository.root + "/policies", "--strict"])
        #expect(strict.status == 0, "\(strict.stdout)")
    }

    @Test func `a refusal says what policy explain says, and as JSON where that is asked for`() async throws {
        let bo = MayflyCA.Person("bo@example.com", login: "bo", groups: ["engineers"])
        try await Lab.open(policy: TestPolicy.x509, people: [bo]) { lab in
            try await lab.ca.logIn(as: bo.name)
            let asked = try await run(
                MayflyCA.binary,
                ["policy", "explain", "client", "--as", bo.name, "--login", "bo", "--group", "engineers"],
                directory: lab.work.path)
            #expect(asked.status == 2)
            let rules = asked.stdout.split(separator: "\n").filter { $0.hasPrefix("  ") }
            #expect(!rules.isEmpty)
            let issue = ["issue", "x509", "--role", "client", "--out", lab.work.file("bo")]
            let refused = try await lab.ca.mayfly(issue, home: lab.ca.home(of: bo.name))
            #expect(refused.status == 2 && refused.stdout.isEmpty)
            #expect(refused.stderr.hasPrefix("mayfly: denied: no rule gives you role `client` now\n"), "\(refused.stderr)")
            for rule in rules { #expect(refused.stderr.contains("mayfly: \(rule)\n"), "\(refused.stderr)") }

            let document = try await lab.ca.mayfly(issue + ["--json"], home: lab.ca.home(of: bo.name))
            #expect(document.status == 2)
            #expect(document.stdout.contains("\"decision\" : \"deny\""), "\(document.stdout)")
            #expect(document.stdout.contains("\"type\" : \"urn:mayfly:problem:denied\""), "\(document.stdout)")
        }
    }

    @Test func `mayfly init takes its options and never replaces a CA`() async throws {
        let directory = try TemporaryDirectory()
        let key = directory.file("key")
        try await MayflyCA.makeKey(key)
        let arguments = [
            "init", "--dir", directory.file("ca"), "--name", "Example", "--host", "ca.example.com", "--listen", "[::1]:9443",
            "--policies", Repository.root + "/policies", "--admin", "root@example.com", "--admin-login", "admin",
            "--admin-key", key + ".pub",
        ]
        let environment = ["HOME": directory.path]
        let first = try await run(MayflyCA.binary, arguments, environment: environment).checked()
        let check = try await run(
            MayflyCA.binary, ["policy", "check", Repository.root + "/policies", "--dir", directory.file("ca")])
        #expect(check.stdout.contains("nobody is in group `auditors`, which rule `"), "\(check.stdout)\(check.stderr)")
        #expect(!check.stdout.contains("nobody is in group `admins`"), "\(check.stdout)")
        #expect(first.stdout.contains(/^service CA SHA256:[A-Za-z0-9+\/]{43}\n$/))
        let configuration = try directory.text(of: "ca/mayfly.yaml")
        for line in ["name: Example", "listen: \"[::1]:9443\"", "  - \"ca.example.com\""] {
            #expect(configuration.contains(line))
        }
        let service = try directory.text(of: "ca/public/service.pem")
        let second = try await run(MayflyCA.binary, arguments, environment: environment)
        #expect(second.status == 1)
        #expect(try directory.text(of: "ca/public/service.pem") == service)
    }
}
